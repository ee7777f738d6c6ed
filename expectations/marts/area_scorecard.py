"""Suite of area_scorecard: ranks are competition ranks over known figures, zones apart from counties."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, one_of
from expectations.marts._common import origin, published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = (
    "area_id",
    "indicator",
    "period",
    "basis",
)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="area_scorecard",
        expectations=[
            *published(),
            *origin(),
            one_of(
                "compared_among",
                ("county", "zone"),
                "Counties are ranked with counties and zones with zones, because they overlap.",
            ),
            no_row(
                "unknown_has_no_rank",
                "rank is not null and value is null",
                show=["value", "rank"],
                severity="critical",
                why="What is not known has no rank, because there is nothing to compare.",
                key=KEY,
                column="rank",
            ),
            no_row(
                "no_rank_says_why",
                "rank is null and nullif(trim(reason), '') is null",
                show=["rank"],
                severity="critical",
                why="Who is not ranked is told the reason.",
                key=KEY,
                column="reason",
            ),
            no_row(
                "rank_is_one_of_those_ranked",
                "rank < 1 or rank > n_ranked or n_ranked > n_areas",
                show=["rank", "n_ranked", "n_areas"],
                severity="critical",
                why="A rank is one of the places there are.",
                key=KEY,
                column="rank",
            ),
            no_row(
                "change_needs_a_rank",
                "rank_change is not null and rank is null",
                show=["rank_change"],
                severity="critical",
                why="Only who is ranked can have moved.",
                key=KEY,
                column="rank_change",
            ),
        ],
    )
