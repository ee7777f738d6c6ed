"""Suite of fct_cluster_title: cluster titles as lists and registers print them, one row per title."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, one_of
from expectations.marts._common import origin, published
from expectations.vocabulary import CLUSTER_TIERS, GRANT_STATUSES

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("title_id",)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the fact by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="fct_cluster_title",
        expectations=[
            *published(),
            *origin(),
            one_of(
                "tier", CLUSTER_TIERS, "Tiers are provincial or municipal, because the plan knows no third."
            ),
            one_of(
                "status",
                GRANT_STATUSES,
                "Statuses are granted, proposed or revoked, because only granted count.",
            ),
            no_row(
                "granted_title_is_dated",
                "status = 'granted' and recognised_on is null",
                show=["cluster_name"],
                severity="critical",
                why="A granted title has a day of recognition, because stocks are counted at year ends.",
                key=KEY,
                column="recognised_on",
            ),
            no_row(
                "register_holds_what_is_published",
                "arrived.data_origin = 'published' and arrived.status = 'granted' and registered between 1 and listed - 1",
                show=["tier", "cluster_name", "listed", "registered"],
                severity="warning",
                why=(
                    "A city's register holds as many titles of a tier as the published list, because it speaks alone for"
                    " the tiers that it holds: what it lacks is not counted."
                ),
                key=KEY,
                column="tier",
                tables=""",
held as (
    select tier, count(*) filter (where data_origin = 'submitted') as registered,
        count(*) filter (where data_origin = 'published') as listed
    from arrived where status = 'granted' group by tier
)""",
                source="arrived join held using (tier)",
            ),
        ],
    )
