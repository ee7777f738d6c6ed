"""Suite of ledger_returns: one row per body, task and month, as the body returned it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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
    """Checks of one return; its reading needs no reference table."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="ledger_returns",
        expectations=[
            *provenance(),
            complete(
                ["dept_id", "task_id", "month"],
                "Every return names body, task and month, because the ledger is kept by these.",
            ),
            no_row(
                "month_is_a_month",
                "not regexp_full_match(month, '20[0-9][0-9]-(0[1-9]|1[0-2])')",
                show=["month"],
                severity="critical",
                why="A month is written like 2025-07, because months are ordered as text.",
                column="month",
            ),
            no_row(
                "month_not_after_retrieval",
                "month > strftime(snapshot_on, '%Y-%m')",
                show=["month", "snapshot_on"],
                severity="warning",
                why="No return is about a month to come, because progress is reported when made.",
                column="month",
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
                ["dept_id", "task_id", "month"],
                severity="warning",
                why="A body returns a task once a month in a file, because it is unclear which of two stands.",
                column="task_id",
            ),
            no_personal_number("remark"),
        ],
    )
