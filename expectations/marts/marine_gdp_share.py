"""Suite of marine_gdp_share: ocean product, GDP and their share, one row per area and year."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import between, no_row
from expectations.marts._common import null_says_why, origin, published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("area_id", "year")

#: growth of the 15 ocean industries, or of ocean product where it stands in for them
_OCEAN_GROWTH = "(case when growth_gap_is_proxy then gop_growth_pct else ocean_industry_growth_pct end)"


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by its own arithmetic."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="marine_gdp_share",
        expectations=[
            *published(),
            *origin(),
            between(
                "share_pct",
                0,
                100,
                "A share lies within 0 to 100 %, because ocean product is a part of GDP.",
                check="share_pct_possible",
            ),
            no_row(
                "share_is_gop_over_gdp",
                "abs(share_pct - 100 * gop_100m_cny / gdp_100m_cny) > 0.005",
                show=["share_pct", "gop_100m_cny", "gdp_100m_cny"],
                severity="critical",
                why=(
                    "The share is ocean product over GDP to within 0.005 points, because two decimals are "
                    "shown."
                ),
                key=KEY,
                column="share_pct",
            ),
            no_row(
                "share_needs_both_levels",
                "share_pct is not null and (gop_100m_cny is null or gdp_100m_cny is null)",
                show=["share_pct", "gop_100m_cny", "gdp_100m_cny"],
                severity="critical",
                why="A share stands on both levels, because a printed one belongs in published_share_pct.",
                key=KEY,
                column="share_pct",
            ),
            null_says_why("share_pct", KEY),
            no_row(
                "levels_positive",
                "gop_100m_cny <= 0 or gdp_100m_cny <= 0",
                show=["gop_100m_cny", "gdp_100m_cny"],
                severity="critical",
                why="Levels are above zero, because unknown is null and no coastal city makes nothing.",
                key=KEY,
                column="gop_100m_cny",
            ),
            no_row(
                "published_share_close",
                "abs(share_pct - published_share_pct) > 0.5",
                show=["share_pct", "published_share_pct"],
                severity="warning",
                why=(
                    "The printed share lies within 0.5 points of the computed one, because it is rounded to whole "
                    "percents; further off, the two levels are of different vintages."
                ),
                key=KEY,
                column="published_share_pct",
            ),
            no_row(
                "growth_gap_is_the_difference",
                f"abs(growth_gap_pp - ({_OCEAN_GROWTH} - gdp_growth_pct)) > 0.005",
                show=["growth_gap_pp", "ocean_industry_growth_pct", "gop_growth_pct", "gdp_growth_pct"],
                severity="critical",
                why="The gap is ocean less GDP growth to within 0.005 points, because two decimals are shown.",
                key=KEY,
                column="growth_gap_pp",
            ),
            no_row(
                "growth_gap_needs_both_rates",
                f"growth_gap_pp is not null and (gdp_growth_pct is null or {_OCEAN_GROWTH} is null)",
                show=["growth_gap_pp", "growth_gap_is_proxy"],
                severity="critical",
                why="A gap stands on both rates, and on ocean product's only where it is marked as proxy.",
                key=KEY,
                column="growth_gap_pp",
            ),
            between(
                "growth_gap_pp",
                -15,
                15,
                "A gap lies within -15 to 15 points, because published ones stay below 8.",
                check="growth_gap_usual",
                severity="warning",
            ),
        ],
    )
