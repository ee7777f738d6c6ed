"""Suite of green_list_entries: one row per line of a list of green factories, parks or supply chains.

An entry need not be dated: most lists are not, and their entries take the day of their notice.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import (
    complete,
    no_duplicates,
    no_row,
    no_sole_trader_named,
    not_in_the_future,
    noted,
    one_of,
)
from expectations.datasets._common import provenance
from expectations.vocabulary import GRANT_STATUSES, GREEN_ACTIONS, GREEN_CATEGORIES, GREEN_TIERS

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of one list; its reading needs no reference table."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="green_list_entries",
        expectations=[
            *provenance("published_precision"),
            complete(
                ["tier", "category", "batch", "action", "status", "name_text"],
                "Every entry says who got which title in which batch, because a title is told apart by these.",
            ),
            one_of(
                "tier", GREEN_TIERS, "Tiers are national, provincial or municipal, because targets name them."
            ),
            one_of(
                "category",
                GREEN_CATEGORIES,
                "Categories are the plan's three, because products do not count.",
            ),
            one_of("action", GREEN_ACTIONS, "Actions are the four that the state of a title is folded from."),
            one_of(
                "status", GRANT_STATUSES, "Statuses are the three known, because only granted titles count."
            ),
            no_sole_trader_named("coalesce(uscc, uscc_text)", ["name_text", "name_normalised"]),
            gxe.ExpectColumnValueLengthsToBeBetween(
                column="name_text",
                min_value=4,
                severity=FailureSeverity.CRITICAL,
                **noted(
                    "name_text_whole",
                    "A name has at least 4 characters, because the shortest of the 3,303 known has 4; "
                    "a shorter one is a region or a wrapped cell.",
                ),
            ),
            no_row(
                "rename_gives_the_new_name",
                "action = 'rename' and new_name_text is null",
                show=["name_text"],
                severity="critical",
                why="A rename gives the new name, because the title would be lost under the old one.",
                column="new_name_text",
            ),
            not_in_the_future(
                "effective_on",
                "effective_precision",
                "A granted title took effect before it was retrieved, because lists are published afterwards.",
                severity="warning",
                where="status = 'granted'",
            ),
            no_duplicates(
                "entry_listed_once",
                ["tier", "category", "batch", "name_text", "action"],
                severity="warning",
                why="A batch lists a name once for the same action, because a second line would count it twice.",
                column="name_text",
            ),
        ],
    )
