"""Suite of dim_area: the nation, province, city, counties and zones, one row per area."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, one_of, present
from expectations.marts._common import published
from expectations.reference import BOUNDS_OF_LEVEL

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("area_id",)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the dimension by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="dim_area",
        expectations=[
            *published(empty="critical"),
            one_of(
                "area_level",
                tuple(BOUNDS_OF_LEVEL),
                "Levels are the five known, because bounds are set by level.",
            ),
            present("name_zh", "Every area has its Chinese name, because pages show no other."),
            present("name_en", "Every area has an English name, because the site has an English switch."),
            no_row(
                "area_has_a_parent",
                "area_level <> 'nation' and parent_area_id is null",
                show=["area_level"],
                severity="critical",
                why=(
                    "Every area below the nation lies in another, because counties and zones are found by "
                    "their city."
                ),
                key=KEY,
                column="parent_area_id",
            ),
        ],
    )
