"""Pages of a PDF: the tables that ruling lines draw, or else the page's text by the places of its words (see
printed.py). Scans are refused.
"""

import io
import re
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from types import SimpleNamespace

import pdfplumber
from pdfminer import cmapdb, pdfdocument, pdffont, pdftypes
from pdfminer.ascii85 import ascii85decode
from pdfminer.pdftypes import LITERALS_ASCII85_DECODE, LITERALS_FLATE_DECODE, PDFStream, resolve1
from pdfplumber.page import Page
from pdfplumber.table import Table

from ingest.readers import Grid, ReadError, check_limit, check_time, column_letters, printed, time_is_up

EXPECTED = "a PDF with a text layer"
KINDS = {"pdf"}
# A notice's list is under 1 MB; anything near this is scanned or is not a list.
MAX_BYTES = 64 * 1024**2
# About 0.1 s a page: a list of this length (12,000 entries) already takes a minute.
MAX_PAGES = 500
# Drawing commands of one page, unpacked: a full page of a list has some 100 KB.
MAX_PAGE_BYTES = 16 * 1024**2
# Any other stream, unpacked: a whole Chinese font has 20 MB.
MAX_STREAM_BYTES = 64 * 1024**2
# A page's table of 60 rows by 20 columns, drawn box by box, has 4,800; comparing the edges of a map with one
# another would take minutes.
MAX_PAGE_EDGES = 20_000
# Where lines may cross: 60 rows by 20 columns have 1,300. At 4,000 looking for cells takes a second, at 15,000
# eight; lines closer than this many points are one to the library.
MAX_PAGE_CROSSINGS = 10_000
_SNAP = 3
# A page of fine print has 10,000.
MAX_PAGE_CHARS = 100_000

# A font has at most 65,536 characters, and a document of MAX_BYTES fewer objects than this.
MAX_RANGE = 1_000_000

# What the library prints for a glyph whose font does not say which character it is.
_UNMAPPED = re.compile(r"\(cid:\d+\)")


def read(content: bytes, filename: str) -> list[Grid]:
    """A grid per ruled table and page, "page1/table1", …; a table that runs on is one grid on each of its
    pages, with whatever header the page prints. Lines wrapped inside a cell are joined without a space, as
    Chinese is; a merged cell's text is repeated over its range. Text outside a page's tables is not read.

    A page with text but without ruled tables is one grid, "page1/text": its words in columns by where they
    are printed. A frame around one single text is no table.

    Raises ReadError for a scan (no page has text), for a file cut short or damaged, for text whose font does
    not say which characters it shows, and above the limits.
    """
    grids = []
    without_text: list[int] = []
    for number, page in _pages(content, filename, without_text):
        # None: a slanting line, which draws no table
        edges: dict[str | None, set[int]] = {"v": set(), "h": set(), None: set()}
        for edge in page.edges:
            edges[edge["orientation"]].add(round(edge["x0" if edge["orientation"] == "v" else "top"] / _SNAP))
        crossings = len(edges["v"]) * len(edges["h"])
        check_limit(f"{filename}: page{number}", crossings, MAX_PAGE_CROSSINGS, "crossings of ruling lines")
        tables = [table for table in page.find_tables() if len(table.cells) > 1]
        for index, table in enumerate(tables, start=1):
            grids.append(_grid(table, f"page{number}/table{index}", filename))
        if not tables and number not in without_text:
            rows, notes = printed.table(page.chars, f"{filename}: page{number}")
            grids.append(_checked(Grid.of(f"page{number}/text", rows, notes), filename))
    if without_text:
        note = f"no text on page {', '.join(map(str, without_text))}: scanned or blank"
        grids = [Grid(grid.name, grid.frame, (*grid.notes, note)) for grid in grids]
    return grids


def lines(content: bytes, filename: str) -> tuple[list[str], list[str]]:
    """The printed lines of all pages from top to bottom, tables too, and notes."""
    found: list[str] = []
    without_text: list[int] = []
    for number, page in _pages(content, filename, without_text):
        where = f"{filename}: page{number}"
        texts = [" ".join(s.text for s in line) for line in printed.lines(page.chars, where)]
        for text in texts:
            if _UNMAPPED.search(text):
                raise ReadError(
                    f"{where}: expected text; the font does not say which characters {text!r} has"
                )
        found += texts
    notes = [f"no text on page {', '.join(map(str, without_text))}: scanned or blank"] if without_text else []
    return found, notes


def _pages(content: bytes, filename: str, without_text: list[int]) -> Iterator[tuple[int, Page]]:
    """Each page, checked, with its number; those without text are added to `without_text`, and all pages being
    such is an error.
    """
    if b"%%EOF" not in content[-1024:]:
        raise ReadError(f"{filename}: expected {EXPECTED}; it is no PDF, or its end is missing")
    with pdfplumber.open(io.BytesIO(content)) as document:
        pages = len(document.pages)
        check_limit(filename, pages, MAX_PAGES, "pages")
        for number, page in enumerate(document.pages, start=1):
            where = f"{filename}: page{number}"
            check_time(where)
            _check_contents(page, where)
            check_limit(where, len(page.chars), MAX_PAGE_CHARS, "characters")
            if not any(char["text"].strip() for char in page.chars):
                without_text.append(number)
            check_limit(where, len(page.edges), MAX_PAGE_EDGES, "ruling lines")
            yield number, page
            page.close()  # frees the parsed page: those of a long document would not all fit
    if len(without_text) == pages:
        raise ReadError(f"{filename}: expected {EXPECTED}; it is scanned: none of its {pages} pages has text")


def _bounded_range(*bounds: int) -> range:
    """In place of range() in the library, which gives every character of a font's range its width and its text:
    a damaged number of nine digits would fill the memory.
    """
    found = range(*bounds)
    if found and abs(found[-1] - found[0]) > MAX_RANGE:
        raise ValueError(f"a range from {found[0]} to {found[-1]}")
    if time_is_up():
        raise TimeoutError("its fonts take too long")
    return found


def _bounded_decompress(data: bytes) -> bytes:
    """In place of zlib.decompress() in the library, which unpacks fonts, forms and tables of objects whatever their size."""
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(data, MAX_STREAM_BYTES + 1)
    if len(content) > MAX_STREAM_BYTES:
        raise ValueError(f"a stream of more than {MAX_STREAM_BYTES:,} bytes once unpacked")
    if not unpacking.eof:
        raise zlib.error("the stream is cut short")
    return content


# what the library has imported, or has of Python itself, is replaced for the library alone: no type knows of that
pdftypes.zlib = SimpleNamespace(  # type: ignore[attr-defined, assignment]  # as above
    decompress=_bounded_decompress, decompressobj=zlib.decompressobj, error=zlib.error
)
cmapdb.range = pdffont.range = pdfdocument.range = _bounded_range  # type: ignore[attr-defined]  # as above


def _check_contents(page: Page, where: str) -> None:
    """Refuse a damaged page: the library would read what is left of it as if that were all."""
    for contents in page.page_obj.contents:
        stream = resolve1(contents)
        if not isinstance(stream, PDFStream):
            raise ReadError(f"{where}: expected {EXPECTED}; part of the page is missing")
        data = stream.get_rawdata()
        if data is None:
            continue  # shared with an earlier page, where it was checked and unpacked
        filters = [name for name, _ in stream.get_filters()]
        if filters and filters[0] in LITERALS_ASCII85_DECODE:
            data, filters = ascii85decode(data), filters[1:]
        if stream.decipher or not filters or filters[0] not in LITERALS_FLATE_DECODE:
            continue
        while filters and filters[0] in LITERALS_FLATE_DECODE:  # packed more than once, it may grow each time
            unpacking = zlib.decompressobj()
            try:
                data, filters = unpacking.decompress(data, MAX_PAGE_BYTES + 1), filters[1:]
            except zlib.error as error:
                raise ReadError(f"{where}: expected {EXPECTED}; the page is damaged ({error})") from error
            check_limit(where, len(data), MAX_PAGE_BYTES, "bytes of drawing commands")
            if not unpacking.eof:
                raise ReadError(f"{where}: expected {EXPECTED}; the page is cut short")


def _grid(table: Table, name: str, filename: str) -> Grid:
    printed = {
        box: (text or "").replace("\n", "")
        for row, texts in zip(table.rows, table.extract(), strict=True)
        for box, text in zip(row.cells, texts, strict=True)
        if box
    }
    lefts = sorted({left for left, _, _, _ in printed})
    tops = sorted({top for _, top, _, _ in printed})
    # A merged cell covers the corners of all the rows and columns that it spans.
    rows: list[list[str | None]] = [[None] * len(lefts) for _ in tops]
    merged = 0
    for (left, top, right, bottom), text in printed.items():
        covered_rows = range(bisect_left(tops, top), bisect_left(tops, bottom))
        covered_columns = range(bisect_left(lefts, left), bisect_left(lefts, right))
        merged += len(covered_rows) * len(covered_columns) > 1
        for r in covered_rows:
            for c in covered_columns:
                rows[r][c] = text

    notes = [f"{merged} merged cells repeated over their range"] if merged else []
    return _checked(Grid.of(name, rows, notes), filename)


def _checked(grid: Grid, filename: str) -> Grid:
    for row, *cells in grid.frame.iter_rows():
        for c, text in enumerate(cells):
            if text and _UNMAPPED.search(text):
                raise ReadError(
                    f"{filename}: {grid.locator(row, column_letters(c))}: expected text; the font does not say "
                    f"which characters {text!r} stands for"
                )
    return grid
