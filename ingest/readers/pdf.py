"""Tables that ruling lines draw on the pages of a PDF. Text outside tables is not read, scans are refused."""

import io
import re
import zlib
from bisect import bisect_left

import pdfplumber
from pdfminer.ascii85 import ascii85decode
from pdfminer.pdftypes import LITERALS_ASCII85_DECODE, LITERALS_FLATE_DECODE, PDFStream, resolve1
from pdfplumber.page import Page
from pdfplumber.table import Table

from ingest.readers import Grid, ReadError, check_limit, column_letters

EXPECTED = "a PDF with a text layer"
# A notice's list is under 1 MB; anything near this is scanned or is not a list.
MAX_BYTES = 64 * 1024**2
# About 0.1 s a page: a list of this length (12,000 entries) already takes a minute.
MAX_PAGES = 500
# Drawing commands of one page, unpacked: a full page of a list has some 100 KB.
MAX_PAGE_BYTES = 16 * 1024**2
# A page's table of 60 rows by 20 columns, drawn box by box, has 4,800; comparing the edges of a map with one
# another would take minutes.
MAX_PAGE_EDGES = 20_000

# What the library prints for a glyph whose font does not say which character it is.
_UNMAPPED = re.compile(r"\(cid:\d+\)")


def read(content: bytes, filename: str) -> list[Grid]:
    """A grid per table and page, "page1/table1", …; a table that runs on is one grid on each of its pages,
    with whatever header the page prints. Lines wrapped inside a cell are joined without a space, as Chinese
    is; a merged cell's text is repeated over its range.

    Raises ReadError for a scan (no page has text), for pages without any ruled table, for a file cut short
    or damaged, for text whose font does not say which characters it shows, and above the limits.
    """
    if b"%%EOF" not in content[-1024:]:
        raise ReadError(f"{filename}: expected {EXPECTED}; it is no PDF, or its end is missing")
    grids, without_text = [], []
    with pdfplumber.open(io.BytesIO(content)) as document:
        pages = len(document.pages)
        check_limit(filename, pages, MAX_PAGES, "pages")
        for number, page in enumerate(document.pages, start=1):
            _check_contents(page, f"{filename}: page{number}")
            if not any(char["text"].strip() for char in page.chars):
                without_text.append(number)
            check_limit(f"{filename}: page{number}", len(page.edges), MAX_PAGE_EDGES, "ruling lines")
            for index, table in enumerate(page.find_tables(), start=1):
                grids.append(_grid(table, f"page{number}/table{index}", filename))
            page.close()  # frees the parsed page: those of a long document would not all fit
    if len(without_text) == pages:
        raise ReadError(f"{filename}: expected {EXPECTED}; it is scanned: none of its {pages} pages has text")
    if not grids:
        raise ReadError(f"{filename}: expected a table drawn with ruling lines; {pages} pages have none")
    if without_text:
        note = f"no text on page {', '.join(map(str, without_text))}: scanned or blank"
        grids = [Grid(grid.name, grid.frame, (*grid.notes, note)) for grid in grids]
    return grids


def _check_contents(page: Page, where: str) -> None:
    """Refuse a damaged page: the library would read what is left of it as if that were all."""
    for contents in page.page_obj.contents:
        stream = resolve1(contents)
        if not isinstance(stream, PDFStream):
            raise ReadError(f"{where}: expected {EXPECTED}; part of the page is missing")
        if stream.get_rawdata() is None:
            continue  # shared with an earlier page, where it was checked and unpacked
        data, filters = stream.get_rawdata(), [name for name, _ in stream.get_filters()]
        if filters and filters[0] in LITERALS_ASCII85_DECODE:
            data, filters = ascii85decode(data), filters[1:]
        if stream.decipher or not filters or filters[0] not in LITERALS_FLATE_DECODE:
            continue
        unpacking = zlib.decompressobj()
        try:
            commands = unpacking.decompress(data, MAX_PAGE_BYTES + 1)
        except zlib.error as error:
            raise ReadError(f"{where}: expected {EXPECTED}; the page is damaged ({error})") from error
        check_limit(where, len(commands), MAX_PAGE_BYTES, "bytes of drawing commands")
        if not unpacking.eof:
            raise ReadError(f"{where}: expected {EXPECTED}; the page is cut short")


def _grid(table: Table, name: str, filename: str) -> Grid:
    printed = {
        box: text.replace("\n", "")
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

    grid = Grid.of(name, rows, [f"{merged} merged cells repeated over their range"] if merged else [])
    for r, row in enumerate(rows, start=1):
        for c, text in enumerate(row):
            if text and _UNMAPPED.search(text):
                raise ReadError(
                    f"{filename}: {grid.locator(r, column_letters(c))}: expected text; the font does not say "
                    f"which characters {text!r} stands for"
                )
    return grid
