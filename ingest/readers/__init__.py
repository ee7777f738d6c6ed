"""From the bytes of a landed file to grids of text cells with addresses.

What a cell means (headers, units, dashes, totals) is not decided here: that is the parsers' business.
"""

import io
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import zip_longest
from pathlib import Path
from types import ModuleType

import polars as pl

# 1.5 million rows by 40 columns, some 2 GB as text: the most that a machine with 8 GB holds in comfort.
MAX_CELLS = 60_000_000
# A file above this is read in parts where its reader and its layout can.
MAX_WHOLE_BYTES = 48 * 1024**2
# Enough of a file to tell what it is.
_START_BYTES = 1024**2
# What a spreadsheet can show; a wider "table" is a file read with the wrong delimiter.
MAX_COLUMNS = 16_384
# Three times what a cell of a spreadsheet holds; a longer "cell" is a file without its line ends, or a trap.
MAX_CELL_BYTES = 300_000
# The largest file that is read as a whole; a register that is read in parts is not held to it.
MAX_BYTES = 1024**3
# The slowest file within the other limits, a PDF of 500 full pages, takes some two minutes.
MAX_SECONDS = 600.0

# Reader names as the catalogue writes them, and the module behind each: it has read(content, filename),
# EXPECTED (what it reads, for messages), KINDS (the kinds of content it takes, see sniffing.py) and MAX_BYTES.
# Imported on first use, because a night that reads only CSV should not pay for the PDF library.
_MODULES = {
    "csv": "delimited",
    "workbook": "workbook",
    "html": "webpage",
    "pdf": "pdf",
    "docx": "document",
    "text": "text",
}
# "any" is whichever of them the content calls for.
READERS = (*_MODULES, "any")

_deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))


class ReadError(Exception):
    """A file cannot be read as what it should be; the message begins with its name."""


@dataclass(frozen=True, eq=False)
class Grid:
    """One sheet, table or text as a person would see it: one frame row per printed row.

    `name` is the sheet's name, "table1", "page2/table1" or "page3/text"; "" where a file is its only table.
    `frame` has the address `row` (UInt32, from 1) and then "A", "B", … as text; an empty cell is null.
    Text is verbatim, surrounding spaces included.
    `notes` says what a reader of the file would want to know: its encoding, hidden sheets, merged ranges.
    `member` is the path of the file inside its archive; "" where the file is none.
    `repeated` is how many of its first rows stood in an earlier part of the table already.
    """

    name: str
    frame: pl.DataFrame
    notes: tuple[str, ...] = ()
    member: str = ""
    repeated: int = 0

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
        cells = {
            column_letters(i): pl.Series(texts, dtype=pl.String)
            for i, texts in enumerate(zip_longest(*rows))  # a column each, the shorter rows filled with null
        }
        row = pl.Series(range(1, len(rows) + 1) if addresses is None else addresses, dtype=pl.UInt32)
        frame = pl.DataFrame({"row": row, **cells})
        empty_as_null = pl.when(pl.col(pl.String) != "").then(pl.col(pl.String))
        return cls(name, frame.with_columns(empty_as_null) if cells else frame, tuple(notes))

    def locator(self, row: int, column: str) -> str:
        """Address of a cell inside its file, as "潍坊市!C7"; "!C7" where the grid has no name, and
        "2024/潍坊.xlsx>潍坊市!C7" where the file stands in an archive.
        """
        place = f"{self.member}>{self.name}" if self.member else self.name
        return f"{place}!{column}{row}"


def read(content: bytes, filename: str, reader: str, *, delimiter: str | None = None) -> list[Grid]:
    """Grids of one file, in the order in which the file shows them; of an archive (zip, gz), those of all
    its files in the order of their names.

    `reader` is one of READERS; `delimiter` (one ASCII character) matters to "csv" only, which finds it out
    when none is given. What a file is called decides nothing.
    Raises ReadError, and nothing else, for a file that is not what `reader` expects, that is damaged, that
    is a picture, or that is over a limit, of time too.
    """
    if reader not in READERS:
        raise ReadError(f"{filename}: no reader is called {reader!r}; expected one of {', '.join(READERS)}")
    if not content:
        raise ReadError(f"{filename}: the file is empty (0 bytes)")
    check_limit(filename, len(content), MAX_BYTES, "bytes")
    from ingest.readers import archive

    began = _deadline.set(time.monotonic() + MAX_SECONDS)
    try:
        with _faults_named(filename, "a file that is whole"):
            if not archive.is_archive(content, filename):
                return _read_file(content, filename, reader, delimiter)
            grids, cells = [], 0
            notes, members = archive.members(content, filename)
            for member, member_content in members:
                where = f"{filename}>{member}"
                check_time(where)
                if not member_content:
                    raise ReadError(f"{where}: the file is empty (0 bytes)")
                for grid in _read_file(member_content, where, reader, delimiter):
                    cells += grid.frame.height * grid.frame.width
                    check_limit(where, cells, MAX_CELLS, "cells with those of the files before it")
                    grids.append(replace(grid, member=member, notes=(*grid.notes, *notes)))
            return grids
    finally:
        _deadline.reset(began)


def read_in_parts(path: Path, filename: str, reader: str, head_rows: int) -> Iterator[list[Grid]]:
    """As `read`, of a file on disk: a large delimited text, packed or not, a part of its rows at a time, so that
    memory is bounded by a part and not by the file; anything else as a whole.

    A part of a text is one grid that begins with the text's first `head_rows` rows. Of an archive each file is a part,
    or several. Raises ReadError as `read` does, when the part comes that is at fault.
    """
    from ingest.readers import archive

    if path.stat().st_size <= MAX_WHOLE_BYTES:
        content = path.read_bytes()
        if not content.startswith((archive.GZIP_START, *archive.ZIP_STARTS)):
            yield read(content, filename, reader)
            return
    with _faults_named(filename, "a file that is whole"), path.open("rb", _START_BYTES) as file:
        assert isinstance(file, io.BufferedReader)  # opened with a buffer
        if not file.peek(4).startswith((archive.GZIP_START, *archive.ZIP_STARTS)):
            yield from _in_parts(file, filename, reader, head_rows)
            return
        content = file.read(MAX_BYTES + 1)
        check_limit(filename, len(content), MAX_BYTES, "bytes")
        if not archive.is_archive(content, filename):
            yield read(content, filename, reader)
            return
        notes, packed = archive.streams(content, filename)
        for member, stream in packed:
            buffered: io.BufferedReader = io.BufferedReader(stream, _START_BYTES)
            for grids in _in_parts(buffered, f"{filename}>{member}", reader, head_rows):
                yield [replace(grid, member=member, notes=(*grid.notes, *notes)) for grid in grids]


def _in_parts(file: io.BufferedReader, filename: str, reader: str, head_rows: int) -> Iterator[list[Grid]]:
    """The parts of one file that is no archive."""
    from ingest.readers import archive, delimited, sniffing

    start = file.peek(_START_BYTES)
    if not start:
        raise ReadError(f"{filename}: the file is empty (0 bytes)")
    lines = start[: start.rfind(b"\n") + 1] or start  # a character cut in two would be none
    if start.startswith((archive.GZIP_START, *archive.ZIP_STARTS)):
        kind = "package"
    else:
        kind = sniffing.reader_of(lines, filename) if reader == "any" else reader
    if kind != "csv":
        content = file.read(MAX_BYTES + 1)
        check_limit(filename, len(content), MAX_BYTES, "bytes")
        if archive.is_archive(content, filename):
            raise ReadError(f"{filename}: an archive inside an archive; send the files in one zip")
        yield _read_file(content, filename, reader, None)
        return
    # each part is checked as it comes: what a cell costs further on grows with its length
    with _faults_named(filename, delimited.EXPECTED):
        _check_kind(lines, filename, delimited)
        for grid in delimited.read_in_parts(file, filename, head_rows):
            _check_cells(grid, filename)
            yield [grid]


def sniff(content: bytes, filename: str) -> str:
    """The reader that the content calls for, one of READERS without "any"; of an archive, that of its first
    file. The name counts only where the content cannot say: "公报.txt" without a delimiter is running text.

    Raises ReadError, with the reason, for what no reader takes (pictures, .doc, JSON, damaged archives).
    """
    from ingest.readers import archive, sniffing

    if not content:
        raise ReadError(f"{filename}: the file is empty (0 bytes)")
    with _faults_named(filename, "a file that is whole"):
        if archive.is_archive(content, filename):
            _, members = archive.members(content, filename)
            member, content = next(members)
            filename = f"{filename}>{member}"
        return sniffing.reader_of(content, filename)


def _read_file(content: bytes, filename: str, reader: str, delimiter: str | None) -> list[Grid]:
    """Grids of a file that is no archive."""
    from ingest.readers import sniffing

    if reader == "any":
        reader = sniffing.reader_of(content, filename)
    module = import_module(f"{__name__}.{_MODULES[reader]}")
    check_limit(filename, len(content), module.MAX_BYTES, "bytes")
    options = {"delimiter": delimiter} if reader == "csv" else {}
    with _faults_named(filename, module.EXPECTED):
        _check_kind(content, filename, module)
        grids: list[Grid] = module.read(content, filename, **options)
    for grid in grids:
        _check_cells(grid, filename)
    return grids


def _check_cells(grid: Grid, filename: str) -> None:
    """Raise ReadError for a cell that is too long to be one."""
    if not grid.frame.height or grid.frame.width < 2:
        return
    longest = grid.frame.select(pl.col(pl.String).str.len_bytes().max()).row(0)
    most = max(
        (size, column)
        for size, column in zip((size or 0 for size in longest), grid.frame.columns[1:], strict=True)
    )
    if most[0] > MAX_CELL_BYTES:
        row = grid.frame.select(pl.col("row").gather(pl.col(most[1]).str.len_bytes().arg_max())).item()
        check_limit(f"{filename}: {grid.locator(row, most[1])}", most[0], MAX_CELL_BYTES, "bytes in one cell")


@contextmanager
def _faults_named(filename: str, expected: str) -> Iterator[None]:
    """Whatever a library raises over a damaged file becomes a ReadError."""
    try:
        yield
    except ReadError:
        raise
    except BaseException as error:
        # A panic inside a Rust library is a BaseException; so is an interrupt, which must pass.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        fault = f"{type(error).__name__}: {error}".rstrip(": ")
        raise ReadError(f"{filename}: expected {expected}; reading it failed ({fault})") from error


def _check_kind(content: bytes, filename: str, module: ModuleType) -> None:
    from ingest.readers import sniffing

    kind = sniffing.identify(content, filename)
    if kind.refusal:
        raise ReadError(f"{filename}: expected {module.EXPECTED}; it is {kind.label}: {kind.refusal}")
    if kind.name not in module.KINDS:
        raise ReadError(f"{filename}: expected {module.EXPECTED}; it is {kind.label}")


def check_limit(where: str, count: int, limit: int, what: str) -> None:
    """Raise ReadError when `count` of `what` (a plural) passes the limit."""
    if count > limit:
        raise ReadError(f"{where}: {count:,} {what}, more than the limit of {limit:,}")


def check_time(where: str) -> None:
    """Raise ReadError when the file that is being read has used up its time; called between its parts."""
    if time_is_up():
        raise ReadError(f"{where}: reading the file takes longer than the limit of {MAX_SECONDS:g} seconds")


def time_is_up() -> bool:
    return time.monotonic() > _deadline.get()


def column_letters(index: int) -> str:
    """Spreadsheet letters of a column counted from 0: 0 is "A", 26 is "AA"."""
    letters = ""
    while index >= 0:
        index, letter = divmod(index, 26)
        letters = chr(ord("A") + letter) + letters
        index -= 1
    return letters
