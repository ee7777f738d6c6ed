"""Suite of data_gaps: what is not known, one row per indicator, area and period, with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, present
from expectations.marts._common import origin, published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("indicator", "area_id", "period")


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="data_gaps",
        expectations=[
            *published(),
            *origin(),
            present(
                "expected_by", "Every gap says by when the figure was expected, because lateness is counted."
            ),
            present("reason", "Every gap gives its reason, because a gap without one cannot be closed."),
            no_row(
                "reason_says_something",
                "trim(reason) = ''",
                show=["expected_by"],
                severity="critical",
                why="A reason is no empty text, because a gap without one cannot be closed.",
                key=KEY,
                column="reason",
            ),
        ],
    )
