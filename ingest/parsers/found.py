"""What is found in a file by its layout, still as text: a row per record, a column per field, and its address."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

LOCATOR, ROW_TEXT = "__locator", "__row_text"


@dataclass(frozen=True)
class Unread:
    """Text that fits no entry of the layout: where it stands, what it is, and the whole row or sentence."""

    locator: str
    kind: str
    text: str
    reason: str
    expected: str
    row_text: str


@dataclass(frozen=True)
class Records:
    """Text records of one file.

    frame: a column of text per field, ``__locator`` (the record's address) and ``__row_text`` (the row as printed).
    rows_in: rows of the file below its headers; furniture: those of them that are notes, blanks or repeated headers;
    unread: sentences of prose that no pattern covers, and rows with text under no header.
    """

    frame: pl.DataFrame
    rows_in: int
    furniture: int
    unread: tuple[Unread, ...] = ()
