"""Suite of green_titles: green units and their titles, one row per area, tier, category, year and scope."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row
from expectations.marts._common import never_negative, origin, published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("area_id", "tier", "category", "year", "scope")


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by its own arithmetic."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="green_titles",
        expectations=[
            *published(),
            *origin(),
            *never_negative(("entities", "titles", "added", "removed", "renamed", "unresolved"), KEY),
            no_row(
                "entities_within_titles",
                "entities > titles",
                show=["entities", "titles"],
                severity="critical",
                why="Entities are no more than titles, because each holds at least one.",
                key=KEY,
                column="entities",
            ),
            no_row(
                "titles_mean_entities",
                "titles > 0 and entities = 0",
                show=["entities", "titles"],
                severity="critical",
                why="Where there are titles there are entities, because somebody holds them.",
                key=KEY,
                column="entities",
            ),
        ],
    )
