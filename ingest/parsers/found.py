"""What is found in a file by its layout, still as text: a row per record, a column per field, and its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

#: columns beside the fields: the record's address, its input row as printed, and that row's number in the file
LOCATOR, ROW_TEXT, ROW = "__locator", "__row_text", "__row"


@dataclass(frozen=True)
class Unread:
    """An input row, or a sentence, that fits no entry of the layout.

    row: its number, as in the column ROW; text: what does not fit; row_text: the whole row or sentence.
    """

    row: int
    locator: str
    kind: str
    text: str
    reason: str
    expected: str
    row_text: str


@dataclass(frozen=True)
class Records:
    """Text records of one file.

    An input row is a row of a grid, or a sentence of a text; one may give several records (a wide row of five figures).
    frame: a column of text per field, and LOCATOR, ROW_TEXT and ROW. rows_in: every input row of the file.
    furniture: how many of them hold no record by the layout's own word, by reason (header, blank, note, …).
    headers: of each table, the names of its columns as printed.
    """

    frame: pl.DataFrame
    rows_in: int
    furniture: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """Input rows of which nothing is known: not 0 is a fault of the parser, never of the file."""
        told = pl.concat(
            [self.frame[ROW], pl.Series(ROW, [u.row for u in self.unread], self.frame[ROW].dtype)]
        )
        return self.rows_in - sum(self.furniture.values()) - told.n_unique()
