"""Delimited text (CSV, TSV): every cell as text, every row at its line number. No header is looked for here.

Polars reads many times as fast as the csv module, but what it does with a long row or a stray quote is its
own affair; so its answer counts only when every byte of the file is accounted for. The csv module judges
whether a text with quotes or with rows of different lengths is sound, and reads what polars cannot.
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import polars as pl

from ingest.readers import MAX_CELLS, MAX_COLUMNS, Grid, ReadError, check_limit, column_letters
from ingest.readers.encoding import decoded, to_utf8

EXPECTED = "delimited text"
KINDS = {"text"}
# The largest text that is read as a whole; a larger one is read in parts.
MAX_BYTES = 1024**3
# Read at a time of a text that is taken in parts: a part and its frames take some ten times as much memory.
PART_BYTES = 16 * 1024**2

# Records turned into a frame at a time by the csv module's path: Python's strings take several times the
# room of a frame's, so a ragged register of a million rows must never stand in memory as lists.
_CHUNK_RECORDS = 100_000

# Delimiters that are looked for when none is given; the first is what a file is read with when they do not tell.
_DELIMITERS = (",", "\t", ";", "|")
# The first lines, which settle most files: only what stands equally often in them is counted in all.
_SAMPLE_BYTES = 1 << 16
_DELIMITER_NAMES = {",": "comma", "\t": "tab", ";": "semicolon", "|": "vertical bar"}


def read(content: bytes, filename: str, delimiter: str | None = None) -> list[Grid]:
    """One unnamed grid; `row` is the physical line on which the record starts, since quoted fields may hold
    line ends. Shorter rows are padded with null, a blank line is a row of nulls, "" is null.

    Without `delimiter` it is the one of comma, tab, semicolon and vertical bar that stands equally often, at
    least once, in every line outside quotes; where none does, or several do, it is the comma. A note names it.

    Raises ReadError for text in no known encoding, for a quote that is never closed or has text after it
    (strict quoting: nothing is guessed), and above the limits.
    """
    if delimiter is not None and (len(delimiter.encode()) != 1 or delimiter in '"\r\n'):
        raise ReadError(f"{filename}: delimiter {delimiter!r} is not one ASCII character other than a quote")
    utf8, encoding = to_utf8(content, filename)
    if not utf8.endswith((b"\n", b"\r")):
        utf8 += b"\n"  # in a last line without its end polars overlooks what it refuses elsewhere
    notes = [f"encoding {encoding}"]
    if delimiter is None:
        evident = evident_delimiters(utf8)
        delimiter = evident[0] if len(evident) == 1 else _DELIMITERS[0]
        others = [_DELIMITER_NAMES[other] for other in evident if other != delimiter]
        doubt = f" ({' or '.join(others)} would do as well)" if others else ""
        notes.append(f"delimiter {_DELIMITER_NAMES[delimiter]}{doubt}")
    return [Grid("", _frame(utf8, filename, delimiter), tuple(notes))]


def read_in_parts(file: BinaryIO, filename: str, head_rows: int) -> Iterator[Grid]:
    """The grid of a text of any size, a part of its rows at a time; each part begins with the first `head_rows` rows.

    Rows keep the number of their line in the file. The first part settles encoding and delimiter; a part is never cut
    within quotes. Raises ReadError as `read` does, when the part comes that is at fault.
    """
    head: pl.DataFrame | None = None
    notes: tuple[str, ...] = ()
    encoding = delimiter = ""
    line = 1
    for part in _parts(file, filename):
        if head is None:
            utf8, encoding = to_utf8(part, filename)
            evident = evident_delimiters(utf8)
            delimiter = evident[0] if len(evident) == 1 else _DELIMITERS[0]
            notes = (f"encoding {encoding}", f"delimiter {_DELIMITER_NAMES[delimiter]}")
        else:
            utf8 = decoded(part, encoding.removesuffix(" with BOM"), filename, line)
        if not utf8.endswith(b"\n"):
            utf8 += b"\n"
        frame = _frame(utf8, filename, delimiter, line)
        line += utf8.count(b"\n")
        if head is None:
            head = frame.head(head_rows)
            yield Grid("", frame, notes)
        else:
            frame = pl.concat([head, frame], how="diagonal")
            letters = [column_letters(i) for i in range(frame.width - 1)]
            yield Grid("", frame.select("row", *letters), notes, repeated=head.height)


def _parts(file: BinaryIO, filename: str) -> Iterator[bytes]:
    """The bytes of a text, cut at ends of lines that stand outside quotes.

    In none of the encodings of a register (UTF-8, GB18030) is a line feed or a quote part of another character; a
    text in UTF-16 is not cut but given whole.
    """
    held = b""
    while more := file.read(PART_BYTES):
        held += more
        check_limit(filename, len(held), MAX_BYTES, "bytes without an end of a line outside quotes")
        if held.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in more[:1000]:
            continue
        cut = held.rfind(b"\n") + 1
        quotes = held.count(b'"', 0, cut)
        while cut and quotes % 2:
            before = held.rfind(b"\n", 0, cut - 1) + 1
            quotes -= held.count(b'"', before, cut)
            cut = before
        if cut:
            yield held[:cut]
            held = held[cut:]
    if held:
        yield held


def _frame(utf8: bytes, filename: str, delimiter: str, first_line: int = 1) -> pl.DataFrame:
    # Polars lets some broken quoting pass, so a file with quotes goes before the judge first.
    frame = None if b'"' in utf8 else _by_polars(utf8, delimiter, first_line)
    if frame is None:
        # Polars takes the width from the first line, so give it one as wide as the widest record.
        width = _width(utf8, filename, delimiter, first_line)
        widest = (delimiter * (width - 1) + "\n").encode()
        frame = _by_polars(widest + utf8, delimiter, first_line - 1)
        frame = _by_csv(utf8, filename, delimiter, first_line) if frame is None else frame[1:]
    return frame


def evident_delimiters(utf8: bytes) -> list[str]:
    """Those of the known delimiters that stand equally often, at least once, in every line that is not blank;
    of the comma alone the first lines are enough, for it is also what a file is read with that does not tell.

    Line ends and delimiters inside quotes do not count; where the quotes are broken nothing is evident.
    """
    sample = utf8[: utf8.find(b"\n", _SAMPLE_BYTES) + 1 or len(utf8)]
    likely = [d for d in _DELIMITERS if d.encode() in sample and _equally_often(sample, d, len(utf8))]
    if likely == [","] or len(sample) == len(utf8):
        return likely
    return [delimiter for delimiter in likely if _equally_often(utf8, delimiter, len(utf8))]


def _equally_often(utf8: bytes, delimiter: str, whole: int) -> bool:
    """Whether it holds for these lines, of which there must be two; they may end inside quotes where they are
    not the `whole` file.
    """
    counts: Counter[int] = Counter()  # of delimiters in a line: how many lines have so many
    if b'"' in utf8:
        last = []
        try:
            for _, record in _records(utf8, "", delimiter):
                counts[len(record) - 1] += 1
                last = record
        except ReadError:
            if len(utf8) == whole:
                return False
        else:
            counts[len(last) - 1] -= len(utf8) < whole  # its quotes may be closed further on
        del counts[-1]  # blank lines
    else:
        mark = delimiter.encode()
        for line in io.BytesIO(utf8.replace(b"\r\n", b"\n").replace(b"\r", b"\n")):
            if line != b"\n":
                counts[line.count(mark)] += 1
                if len(counts) > 1:
                    return False
    lines = +counts
    return len(lines) == 1 and 0 not in lines and lines.total() > 1


def _by_polars(utf8: bytes, delimiter: str, first_line: int) -> pl.DataFrame | None:
    """The frame, or None when polars cannot read the text or some of it is missing from what it read."""
    found = {mark: utf8.count(mark.encode()) for mark in ('"', "\r", "\n", delimiter)}
    width = utf8[: utf8.find(b"\n")].count(delimiter.encode()) + 1
    if width > MAX_COLUMNS or width * (found["\n"] + 1) > MAX_CELLS or found["\r"] != utf8.count(b"\r\n"):
        return None  # polars takes a lone CR, which ends a line for people, as text
    try:
        cells = pl.read_csv(io.BytesIO(utf8), has_header=False, infer_schema=False, separator=delimiter)
    except pl.exceptions.PolarsError:
        return None
    cells = cells.rename({name: column_letters(i) for i, name in enumerate(cells.columns)})

    # Every byte is text or one of the marks; those not inside a cell must be the quotes and separators.
    text_bytes = sum(cells.select(pl.all().str.len_bytes().sum()).row(0))
    inside = dict.fromkeys(found, 0)
    if text_bytes + sum(found.values()) != len(utf8):
        inside = {mark: _occurrences(cells, mark) for mark in found}
    separating = {mark: found[mark] - inside[mark] for mark in found}
    if (
        text_bytes + sum(separating.values()) != len(utf8)
        or separating["\n"] != cells.height
        or separating[delimiter] > cells.height * (cells.width - 1)
    ):
        return None

    row = pl.int_range(first_line, first_line + cells.height)
    if inside["\n"]:
        further_lines = pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True))
        row += further_lines.cum_sum().shift(1, fill_value=0)
    empty_as_null = pl.when(pl.all() != "").then(pl.all())
    return cells.select(row.cast(pl.UInt32).alias("row"), empty_as_null)


def _occurrences(cells: pl.DataFrame, mark: str) -> int:
    return sum(cells.select(pl.all().str.count_matches(mark, literal=True).sum()).row(0))


def _width(utf8: bytes, filename: str, delimiter: str, first_line: int) -> int:
    """Columns of the widest record; it reads every one, so that what it lets pass is delimited text."""
    height = width = 0
    for line, record in _records(utf8, filename, delimiter, first_line):
        height += 1
        if len(record) > width:
            width = len(record)
            check_limit(f"{filename}: line {line}", width, MAX_COLUMNS, "columns")
    check_limit(filename, height * width, MAX_CELLS, "cells")
    return width


def _by_csv(utf8: bytes, filename: str, delimiter: str, first_line: int = 1) -> pl.DataFrame:
    records = _records(utf8, filename, delimiter, first_line)
    frames = []
    while chunk := list(islice(records, _CHUNK_RECORDS)):
        lines, rows = zip(*chunk, strict=True)
        frames.append(Grid.of("", rows, addresses=lines).frame)
    return pl.concat(frames, how="diagonal")


def _records(
    utf8: bytes, filename: str, delimiter: str, first_line: int = 1
) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it starts on."""
    text = io.TextIOWrapper(io.BytesIO(utf8), encoding="utf-8", newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = first_line
    try:
        for record in reader:
            yield line, record
            line = first_line + reader.line_num
    except csv.Error as error:
        raise ReadError(f"{filename}: line {line}: expected delimited text; {error}") from error
