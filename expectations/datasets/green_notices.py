"""Suite of green_notices: one row per notice that published a green list, with its date and address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import complete, no_duplicates, one_of, present
from expectations.datasets._common import provenance
from expectations.vocabulary import GREEN_CATEGORIES

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of one table of notices; its reading needs no reference table."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="green_notices",
        expectations=[
            *provenance("published_precision"),
            complete(
                ["category", "batch", "published_on"],
                "Every notice has category, batch and date, because the entries of its list take effect on it.",
            ),
            one_of(
                "category",
                GREEN_CATEGORIES,
                "Categories are the plan's three, because entries have no other.",
            ),
            present(
                "origin_url",
                "A notice has an address, because readers are sent there.",
                severity="warning",
            ),
            no_duplicates(
                "one_notice_per_batch",
                ["category", "batch"],
                severity="critical",
                why="A category's batch has one notice, because two would give its entries two dates.",
                column="batch",
            ),
        ],
    )
