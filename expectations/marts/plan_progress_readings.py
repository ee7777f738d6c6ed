"""Suite of plan_progress_readings: the targets under every reading of the plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, one_of
from expectations.marts._common import origin, published
from expectations.vocabulary import PROGRESS_STATUSES

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = (
    "target_id",
    "period",
    "reading",
)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="plan_progress_readings",
        expectations=[
            *published(),
            *origin(),
            one_of(
                "status",
                PROGRESS_STATUSES,
                "Statuses are the ten of the method, because pages explain these.",
            ),
            no_row(
                "primary_is_named_so",
                "is_primary <> (reading = 'primary')",
                show=["is_primary"],
                severity="critical",
                why="The reading that the parameters choose is called primary, and no other is.",
                key=KEY,
                column="is_primary",
            ),
            no_row(
                "reading_says_what_it_is",
                "nullif(trim(reading_label_zh), '') is null",
                show=["reading_label_zh"],
                severity="critical",
                why="Every reading is put into words, because A02=17 means nothing to a reader.",
                key=KEY,
                column="reading_label_zh",
            ),
            no_row(
                "rag_agrees_with_status",
                "(status in ('achieved', 'basically_achieved', 'on_track')) <> (rag = 'green')",
                show=["status", "rag"],
                severity="critical",
                why="Green is what is reached or on its way, under any reading.",
                key=KEY,
                column="rag",
            ),
        ],
    )
