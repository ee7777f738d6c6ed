"""Suite of cluster_titles: one row per recognition of a marine cluster, provincial or municipal.

The plan's rules (10 km2, a management body) are reported as such elsewhere; here only what cannot be is refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations import reference
from expectations.checks import (
    between,
    complete,
    no_duplicates,
    no_row,
    no_sole_trader_named,
    not_in_the_future,
    one_of,
    present,
)
from expectations.datasets._common import provenance
from expectations.vocabulary import CLUSTER_TIERS, GRANT_STATUSES

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of one register of clusters against the areas of the reference folder."""
    import great_expectations as gx

    areas = sorted(reference.area_levels(reference_dir))
    return gx.ExpectationSuite(
        name="cluster_titles",
        expectations=[
            *provenance("published_precision"),
            complete(
                ["tier", "status", "city_text"],
                "Every title has tier, status and city, because it is counted by these.",
            ),
            one_of(
                "tier", CLUSTER_TIERS, "Tiers are provincial or municipal, because the plan knows no third."
            ),
            one_of(
                "status", GRANT_STATUSES, "Statuses are the three known, because only granted titles count."
            ),
            one_of("area_id", areas, "An area placed is one of areas.csv, because marts count by area."),
            present(
                "cluster_name",
                "A cluster has a name, because readers know it by nothing else.",
                severity="warning",
            ),
            no_sole_trader_named(
                "coalesce(leader_uscc, leader_uscc_text)", ["leader_name_text", "leader_name_normalised"]
            ),
            no_duplicates(
                "title_registered_once",
                ["cluster_code", "tier", "batch", "status"],
                where="cluster_code is not null",
                severity="critical",
                why="A cluster holds a tier's title once per batch, because a second line would count it twice.",
                column="cluster_code",
            ),
            no_row(
                "granted_title_is_dated",
                "status = 'granted' and recognised_on is null",
                show=["cluster_name", "recognised_text"],
                severity="critical",
                why="A granted title has a day of recognition, because stocks are counted at year ends.",
                column="recognised_on",
            ),
            not_in_the_future(
                "recognised_on",
                "recognised_precision",
                "Nothing is recognised after the day it was retrieved, because no register knows the future.",
            ),
            no_row(
                "revoked_on_not_before_recognition",
                "revoked_on < recognised_on",
                show=["recognised_on", "revoked_on"],
                severity="critical",
                why="No title ends before it begins, because the stock would turn negative.",
                column="revoked_on",
            ),
            no_row(
                "revoked_title_says_when",
                "status = 'revoked' and revoked_on is null",
                show=["cluster_name"],
                severity="critical",
                why="A revoked title has its last day, because until then it counts.",
                column="revoked_on",
            ),
            between(
                "land_area_km2",
                0,
                100,
                "A land area lies within 0 to 100 km2, because the rule is 10 and hectares or mu read as km2 "
                "are a hundred times more.",
                check="land_area_km2_possible",
            ),
        ],
    )
