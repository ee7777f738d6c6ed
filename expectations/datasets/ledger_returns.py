"""Suite of ledger_returns: one row per body, task and month, as the body returned it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations import reference
from expectations.checks import (
    between,
    complete,
    no_duplicates,
    no_personal_number,
    no_row,
    not_in_the_future,
)
from expectations.datasets._common import provenance

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of one return against the plan version that is followed."""
    import great_expectations as gx

    followed = reference.text_parameter(reference_dir, "plan_version")
    return gx.ExpectationSuite(
        name="ledger_returns",
        expectations=[
            *provenance(),
            complete(
                ["body_id", "task_id", "period_id"],
                "Every return names body, task and month, because the ledger is kept by these.",
            ),
            no_row(
                "month_is_a_month",
                "period_kind <> 'month' or is_cumulative",
                show=["period_text"],
                severity="critical",
                why="A return speaks of one month such as 2025-07, because the ledger is kept by months.",
                column="period_text",
            ),
            no_row(
                "month_not_after_retrieval",
                "period_start > snapshot_on",
                show=["period_text", "snapshot_on"],
                severity="warning",
                why="No return is about a month to come, because progress is reported when made.",
                column="period_text",
            ),
            no_row(
                "form_is_of_this_plan",
                f"stamp is not null and split_part(stamp, ' ', 1) <> '{followed}'",
                show=["stamp"],
                severity="critical",
                why="A form is of the plan that is followed, because another one's tasks bear other numbers.",
                column="stamp",
            ),
            no_row(
                "form_is_of_its_lines",
                "stamp is not null and (split_part(stamp, ' ', 2) <> body_id or split_part(stamp, ' ', 3) <> period_id)",
                show=["stamp", "line_text", "period_text"],
                severity="critical",
                why="Lines are of the body and month that the form says it is of, because one of the two is wrong.",
                column="stamp",
            ),
            between(
                "planned_pct",
                0,
                100,
                "Planned progress lies within 0 to 100 %, because no task can be more than done.",
                check="planned_pct_possible",
            ),
            between(
                "reported_pct",
                0,
                100,
                "Reported progress lies within 0 to 100 %, because no task can be more than done.",
                check="reported_pct_possible",
            ),
            not_in_the_future(
                "submitted_on",
                None,
                "Nothing is submitted after the day of retrieval, because lateness is counted from that day.",
            ),
            no_duplicates(
                "task_returned_once_a_month",
                ["body_id", "task_id", "action_id", "period_id"],
                where="planned_pct is not null or reported_pct is not null",
                severity="warning",
                why="A body returns a task once a month in a file, because it is unclear which of two stands.",
                column="task_id",
            ),
            no_personal_number("remark"),
            no_personal_number("evidence_text"),
        ],
    )
