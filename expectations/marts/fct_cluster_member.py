"""Suite of fct_cluster_member: who was in which cluster, one row per line of a register of members."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, present
from expectations.marts._common import demo_code_is_nobodys, origin, published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("member_id",)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the fact by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="fct_cluster_member",
        expectations=[
            *published(),
            *origin(),
            present("name", "Every member has a name, because a line without one is nobody."),
            present("valid_from", "Every member has a day of entry, because membership counts by date."),
            no_row(
                "counts_from_not_before_entry",
                "counts_from < valid_from",
                show=["valid_from", "counts_from"],
                severity="critical",
                why="Membership counts from the entry at the earliest, because before it the firm was elsewhere.",
                key=KEY,
                column="counts_from",
            ),
            no_row(
                "valid_to_not_before_valid_from",
                "valid_to < valid_from",
                show=["valid_from", "valid_to"],
                severity="warning",
                why="No membership ends before it begins, because it would count on no day at all.",
                key=KEY,
                column="valid_to",
            ),
            demo_code_is_nobodys("uscc", KEY),
        ],
    )
