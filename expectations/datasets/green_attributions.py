"""Suite of green_attributions: one row per title that evidence places in a city; the lists print none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations import reference
from expectations.checks import complete, no_duplicates, no_row, one_of
from expectations.datasets._common import provenance
from expectations.vocabulary import EVIDENCE_GRADES, GREEN_CATEGORIES, GREEN_TIERS

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of one table of attributions against the areas of the reference folder."""
    import great_expectations as gx

    areas = sorted(reference.area_levels(reference_dir))
    return gx.ExpectationSuite(
        name="green_attributions",
        expectations=[
            *provenance(),
            complete(
                [
                    "tier",
                    "category",
                    "batch",
                    "name_normalised",
                    "city_area_id",
                    "evidence_text",
                    "evidence_grade",
                ],
                "Every attribution names its title, city and evidence, because the lists print provinces only.",
            ),
            one_of(
                "tier", GREEN_TIERS, "Tiers are those of the lists, because an attribution joins an entry."
            ),
            one_of(
                "category", GREEN_CATEGORIES, "Categories are those of the lists, because it joins an entry."
            ),
            one_of("city_area_id", areas, "The city is one of areas.csv, because marts count by area."),
            one_of("county_area_id", areas, "The county is one of areas.csv, because marts count by area."),
            one_of(
                "evidence_grade", EVIDENCE_GRADES, "Grades are the four known, because reports name them."
            ),
            no_row(
                "unverified_place_is_none",
                "evidence_grade = 'unverified' and county_area_id is not null",
                show=["name_text", "county_area_id"],
                severity="info",
                why="An unverified attribution names no county, because it may be a guess; worth a look.",
                column="county_area_id",
            ),
            no_duplicates(
                "title_attributed_once",
                ["tier", "category", "batch", "name_normalised"],
                severity="critical",
                why="A title is attributed once, because a second line would count it twice.",
                column="name_normalised",
            ),
        ],
    )
