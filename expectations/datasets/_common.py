"""The checks that every raw dataset shares, because every raw row carries the same provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.checks import (
    complete,
    no_duplicates,
    no_personal_column,
    not_empty,
    not_in_the_future,
    one_of,
)
from expectations.vocabulary import DATA_ORIGINS

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation


def provenance(published_precision: str | None = None) -> list[Expectation]:
    """Every row can be traced to a cell of a stored document, and none is about a person.

    published_precision: the column that says how precise published_on is, where the dataset has one.
    """
    return [
        not_empty(
            "A document has at least one row, because an empty one would wipe out what the last one said.",
            severity="critical",
        ),
        complete(
            ["row_id", "source_id", "source_sha256", "source_locator", "snapshot_on", "data_origin"],
            "Every row names its source, file, place, day of retrieval and origin, because a figure is nothing "
            "without them.",
            check="provenance_present",
        ),
        no_duplicates(
            "row_id_unique",
            ["row_id"],
            severity="critical",
            why="No two rows share an id, because a figure must lead back to one cell only.",
            column="row_id",
        ),
        one_of(
            "data_origin",
            DATA_ORIGINS,
            "The origin is published, submitted or demo, because every mart derives its own from these.",
        ),
        not_in_the_future(
            "published_on",
            published_precision,
            "Nothing is published after the day it was retrieved, because vintages are ordered by that date.",
        ),
        no_personal_column(),
    ]
