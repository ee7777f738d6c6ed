"""Suite of obligation_calendar: what is due has a day, what has none says so, and nothing unknown is called late."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, one_of
from expectations.marts._common import origin, published
from expectations.vocabulary import OBLIGATION_STATUSES

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = (
    "obligation_id",
    "period",
)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="obligation_calendar",
        expectations=[
            *published(),
            *origin(),
            one_of(
                "status",
                OBLIGATION_STATUSES,
                "Statuses are done, due_soon, not_due, overdue and no_record.",
            ),
            no_row(
                "no_day_says_why",
                "due_on is null and nullif(trim(reason), '') is null",
                show=["due_on"],
                severity="critical",
                why="Where the plan gives no day that is said, because a blank reads as none due.",
                key=KEY,
                column="due_on",
            ),
            no_row(
                "done_rests_on_something",
                "status = 'done' and source_row_ids is null",
                show=["status"],
                severity="critical",
                why="What is done rests on a record or a list.",
                key=KEY,
                column="source_row_ids",
            ),
            no_row(
                "late_has_days",
                "(status = 'overdue') <> (days_late is not null and days_late > 0)",
                show=["status", "days_late"],
                severity="critical",
                why="What is overdue says by how many days, and nothing else does.",
                key=KEY,
                column="days_late",
            ),
        ],
    )
