"""From the bytes of a landed file to grids of text cells with addresses.

What a cell means (headers, units, dashes, totals) is not decided here: that is the parsers' business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

import polars as pl

# 1.5 million rows by 40 columns, some 2 GB as text: the most that a machine with 8 GB holds in comfort.
MAX_CELLS = 60_000_000
# What a spreadsheet can show; a wider "table" is a file read with the wrong delimiter.
MAX_COLUMNS = 16_384

# Reader names as the catalogue writes them, and the module behind each: it has read(content, filename),
# EXPECTED (what it reads, for messages) and MAX_BYTES. Imported on first use, because a night that reads only
# CSV should not pay for the PDF library.
_MODULES = {"csv": "delimited", "workbook": "workbook", "html": "webpage", "pdf": "pdf", "text": "text"}
READERS = tuple(_MODULES)


class ReadError(Exception):
    """A file cannot be read as what it should be; the message begins with its name."""


@dataclass(frozen=True, eq=False)
class Grid:
    """One sheet, table or text as a person would see it: one frame row per printed row.

    `name` is the sheet's name, "table1" or "page2/table1"; "" where a file is its only table.
    `frame` has the address `row` (UInt32, from 1) and then "A", "B", … as text; an empty cell is null.
    Text is verbatim, surrounding spaces included.
    `notes` says what a reader of the file would want to know: its encoding, hidden sheets, merged ranges.
    """

    name: str
    frame: pl.DataFrame
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        name: str,
        rows: Sequence[Sequence[str | None]],
        notes: Sequence[str] = (),
        addresses: Sequence[int] | None = None,
    ) -> "Grid":
        """Grid of rows that may differ in length: the missing cells of a shorter one are null.

        `addresses` holds the row numbers; without it they count from 1.
        """
        width = max(map(len, rows), default=0)
        cells = {
            column_letters(i): pl.Series(
                [row[i] or None if i < len(row) else None for row in rows], dtype=pl.String
            )
            for i in range(width)
        }
        row = pl.Series(range(1, len(rows) + 1) if addresses is None else addresses, dtype=pl.UInt32)
        return cls(name, pl.DataFrame({"row": row, **cells}), tuple(notes))

    def locator(self, row: int, column: str) -> str:
        """Address of a cell inside its file, as "潍坊市!C7"; "!C7" where the grid has no name."""
        return f"{self.name}!{column}{row}"


def read(content: bytes, filename: str, reader: str, *, delimiter: str = ",") -> list[Grid]:
    """Grids of one file, in the order in which the file shows them.

    `reader` is one of READERS; `delimiter` (one ASCII character) matters to "csv" only.
    Raises ReadError, and nothing else, for a file that is not what `reader` expects, that is damaged, or
    that is over a limit.
    """
    if reader not in _MODULES:
        raise ReadError(f"{filename}: no reader is called {reader!r}; expected one of {', '.join(READERS)}")
    if not content:
        raise ReadError(f"{filename}: the file is empty (0 bytes)")

    module = import_module(f"{__name__}.{_MODULES[reader]}")
    check_limit(filename, len(content), module.MAX_BYTES, "bytes")
    options = {"delimiter": delimiter} if reader == "csv" else {}
    try:
        return module.read(content, filename, **options)
    except ReadError:
        raise
    except BaseException as error:
        # A panic inside a Rust library is a BaseException; so is an interrupt, which must pass.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        fault = f"{type(error).__name__}: {error}".rstrip(": ")
        raise ReadError(f"{filename}: expected {module.EXPECTED}; reading it failed ({fault})") from error


def check_limit(where: str, count: int, limit: int, what: str) -> None:
    """Raise ReadError when `count` of `what` (a plural) passes the limit."""
    if count > limit:
        raise ReadError(f"{where}: {count:,} {what}, more than the limit of {limit:,}")


def column_letters(index: int) -> str:
    """Spreadsheet letters of a column counted from 0: 0 is "A", 26 is "AA"."""
    letters = ""
    while index >= 0:
        index, letter = divmod(index, 26)
        letters = chr(ord("A") + letter) + letters
        index -= 1
    return letters
