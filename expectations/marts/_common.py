"""Checks that many marts share: where a figure comes from, that there is one, that none is about a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from expectations.checks import Severity, no_personal_column, no_row, not_empty, one_of, present
from expectations.vocabulary import DATA_ORIGINS

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation


def published(*, empty: Severity = "warning") -> list[Expectation]:
    """What every mart that leaves the house must hold to. ``empty``: how bad it is to have no row."""
    return [
        not_empty("The mart has at least one row, because an empty table answers no reader.", severity=empty),
        no_personal_column(),
    ]


def origin() -> list[Expectation]:
    """Where every figure comes from, for the marts that carry it."""
    return [
        present(
            "data_origin", "Every row says where it comes from, because demo data must never pass for real."
        ),
        one_of(
            "data_origin",
            DATA_ORIGINS,
            "The origin is published, submitted or demo, because pages and reports mark the last two.",
        ),
    ]


def never_negative(columns: Sequence[str], key: Sequence[str]) -> list[Expectation]:
    """Counts are not below zero."""
    return [
        no_row(
            f"{column}_not_negative",
            f"{column} < 0",
            show=[column],
            severity="critical",
            why=f"{column} is not negative, because it counts things.",
            key=key,
            column=column,
        )
        for column in columns
    ]


def null_says_why(column: str, key: Sequence[str]) -> Expectation:
    """An unknown figure gives its reason."""
    return no_row(
        f"{column}_null_says_why",
        f"{column} is null and nullif(trim(reason), '') is null",
        show=[column],
        severity="critical",
        why=f"Where {column} is unknown a reason stands, because a blank reads as zero.",
        key=key,
        column=column,
    )


def demo_code_is_nobodys(column: str, key: Sequence[str]) -> Expectation:
    """Demo enterprises carry codes that no real one can have."""
    return no_row(
        f"demo_{column}_is_nobodys",
        f"data_origin = 'demo' and length({column}) = 18 and substr({column}, 3, 6) <> '370799'",
        show=[column],
        severity="critical",
        why=(
            "A demo enterprise's code lies in region 370799, because no such place exists and no real firm "
            "is named."
        ),
        key=key,
        column=column,
    )
