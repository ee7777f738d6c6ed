"""Suite of task_ledger: colours follow the three-colour rule, and who said nothing is grey."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, one_of
from expectations.marts._common import origin, published
from expectations.vocabulary import LEDGER_STATUSES

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = (
    "task_id",
    "body_id",
    "period",
)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="task_ledger",
        expectations=[
            *published(),
            *origin(),
            one_of(
                "status",
                LEDGER_STATUSES,
                "Statuses are those of the three-colour rule.",
            ),
            no_row(
                "rag_agrees_with_status",
                "rag <> case when status in ('done', 'in_progress') then 'green' when status = 'overdue' then 'red'"
                " when status in ('done_late', 'due_soon', 'behind') then 'yellow' else 'grey' end",
                show=["status", "rag"],
                severity="critical",
                why="The colour is the one of the status, because bulletins show the one and tables the other.",
                key=KEY,
                column="rag",
            ),
            no_row(
                "silence_has_no_progress",
                "status = 'not_submitted' and (reported_pct is not null or rag <> 'grey')",
                show=["status", "reported_pct", "rag"],
                severity="critical",
                why="Who returned nothing has no progress and no colour, because silence is not zero.",
                key=KEY,
                column="status",
            ),
            no_row(
                "late_has_days",
                "(status in ('overdue', 'done_late')) <> (days_late is not null and days_late > 0)",
                show=["status", "days_late"],
                severity="critical",
                why="What is late says by how many days, and nothing else does.",
                key=KEY,
                column="days_late",
            ),
            no_row(
                "progress_is_a_percentage",
                "planned_pct not between 0 and 100 or reported_pct not between 0 and 100",
                show=["planned_pct", "reported_pct"],
                severity="critical",
                why="Progress lies between 0 and 100 percent.",
                key=KEY,
                column="reported_pct",
            ),
        ],
    )
