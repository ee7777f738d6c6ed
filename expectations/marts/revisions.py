"""Suite of revisions: a change is the difference of two known values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, one_of
from expectations.marts._common import origin, published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = (
    "indicator",
    "area_id",
    "period",
    "published_on",
)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="revisions",
        expectations=[
            *published(),
            *origin(),
            one_of(
                "kind",
                ("first", "confirmed", "revised"),
                "A value is the first, the same again or another.",
            ),
            no_row(
                "first_changes_nothing",
                "(kind = 'first') <> (revision is null)",
                show=["kind", "revision"],
                severity="critical",
                why="Only the first value changes nothing that was known.",
                key=KEY,
                column="revision",
            ),
            no_row(
                "revised_is_another",
                "kind = 'revised' and revision = 0 or kind = 'confirmed' and revision <> 0",
                show=["kind", "revision"],
                severity="critical",
                why="A revision is not zero, and what was confirmed did not change.",
                key=KEY,
                column="revision",
            ),
            no_row(
                "value_is_known",
                "value is null or first_value is null or latest_value is null",
                show=["value", "first_value", "latest_value"],
                severity="critical",
                why="A revision is between values, never from or to nothing.",
                key=KEY,
                column="value",
            ),
        ],
    )
