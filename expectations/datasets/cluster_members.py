"""Suite of cluster_members: one row per enterprise and spell of membership in a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import complete, no_duplicates, no_row, no_sole_trader_named, present
from expectations.datasets._common import provenance

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of one membership register; its reading needs no reference table."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="cluster_members",
        expectations=[
            *provenance(),
            complete(
                ["cluster_code", "name_text", "valid_from"],
                "Every membership has cluster, name and first day, because it is counted there on a day.",
            ),
            no_sole_trader_named("coalesce(uscc, uscc_text)", ["name_text", "name_normalised"]),
            no_row(
                "valid_to_not_before_valid_from",
                "valid_to < valid_from",
                show=["valid_from", "valid_to"],
                severity="critical",
                why="No membership ends before it begins, because it would count on no day at all.",
                column="valid_to",
            ),
            no_row(
                "member_is_identified",
                "uscc is null",
                show=["name_text", "uscc_text"],
                severity="warning",
                why="A member has a valid credit code, because otherwise it is linked by name only.",
                column="uscc",
            ),
            no_duplicates(
                "member_entered_once",
                ["cluster_code", "uscc", "valid_from"],
                where="uscc is not null",
                severity="warning",
                why="A member enters a cluster once on a day, because a second line says nothing new.",
                column="uscc",
            ),
            present(
                "evidence_text",
                "A membership gives its evidence, because in-cluster counts rest on this register alone.",
                severity="warning",
            ),
        ],
    )
