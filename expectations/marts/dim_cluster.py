"""Suite of dim_cluster: the marine clusters with their latest particulars, one row per cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import between, one_of, present
from expectations.marts._common import demo_code_is_nobodys, origin, published
from expectations.vocabulary import CLUSTER_TIERS

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("cluster_id",)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the dimension by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="dim_cluster",
        expectations=[
            *published(),
            *origin(),
            one_of(
                "highest_tier",
                CLUSTER_TIERS,
                "Tiers are provincial or municipal, because the plan knows no third.",
            ),
            between(
                "land_area_km2",
                0,
                100,
                "A land area lies within 0 to 100 km2, because the rule is 10 and another unit is far off.",
                check="land_area_km2_possible",
            ),
            demo_code_is_nobodys("leader_uscc", KEY),
            present(
                "industry_text",
                "A cluster names its leading industry, because the plan asks for one.",
                severity="warning",
            ),
        ],
    )
