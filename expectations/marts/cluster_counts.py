"""Suite of cluster_counts: stocks and flows of cluster titles, one row per area, tier and year."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, one_of
from expectations.marts._common import never_negative, null_says_why, origin, published
from expectations.vocabulary import CLUSTER_TIERS

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("area_id", "tier", "year")


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by its own arithmetic."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="cluster_counts",
        expectations=[
            *published(),
            *origin(),
            one_of(
                "tier",
                (*CLUSTER_TIERS, "any"),
                "Tiers are provincial, municipal or any, as targets name them.",
            ),
            *never_negative(
                ("stock_titles", "stock_exclusive", "recognised_in_year", "revoked_in_year"), KEY
            ),
            null_says_why("stock_titles", KEY),
            no_row(
                "exclusive_within_titles",
                "stock_exclusive > stock_titles",
                show=["stock_exclusive", "stock_titles"],
                severity="critical",
                why=(
                    "Clusters by their highest title are no more than titles, because a promoted one keeps "
                    "both."
                ),
                key=KEY,
                column="stock_exclusive",
            ),
            no_row(
                "recognised_within_stock_and_revoked",
                "recognised_in_year > stock_titles + revoked_in_year",
                show=["recognised_in_year", "stock_titles", "revoked_in_year"],
                severity="critical",
                why=(
                    "What was recognised this year is in stock or was revoked, because there is no third "
                    "place."
                ),
                key=KEY,
                column="recognised_in_year",
            ),
        ],
    )
