"""An HTML page as a browser lays it out: its tables with spans resolved, or the lines of text around them."""

import re
from typing import Any

from lxml import etree, html

from ingest.readers import MAX_COLUMNS, Grid, ReadError, check_limit, check_time
from ingest.readers.encoding import to_utf8

EXPECTED = "an HTML page"
KINDS = {"html", "text"}  # a page may begin with any text
# A yearbook page is some 100 KB; the parsed tree takes about ten times the page's room.
MAX_BYTES = 64 * 1024**2
# Far beyond any page a person reads; it stops spans that multiply into memory.
MAX_TABLE_CELLS = 1_000_000

# GB2312 and GBK are subsets of GB18030, and pages that declare them use its characters.
_ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8"} | dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030")
_DECLARED = re.compile(rb"""<meta\b[^>]*?\bcharset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)

# What a browser collapses to one space. A no-break or full-width space is text: yearbooks indent with it.
_SPACES = re.compile(r"[ \t\r\n\f]+")

_LINE_BREAKING = {"br", "p", "div", "li"}
# Elements that stand inside a line of text; any other begins a line of its own.
_INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "em", "font", "i",
    "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr",
}  # fmt: skip
_NOT_SHOWN = {"head", "script", "style", "template", "noscript", "table", "select", "textarea", "title"}
_NOT_OWN_TEXT = {"script", "style", "template", "table", "tr", "td", "th"}

# The HTML standard's own ceilings: what browsers make of "colspan=999999999".
_MAX_COLSPAN, _MAX_ROWSPAN = 1_000, 65_534


def read(content: bytes, filename: str) -> list[Grid]:
    """A grid per table, "table1", "table2", … in the page's order; a table inside a cell is a grid of its
    own, and its text is not repeated in the cell around it. Cells that span are repeated over their span.

    Raises ReadError for a page without tables, for cells that belong to no row, and above the limits.
    """
    page, encoding = _parse(content, filename)
    grids = []
    for number, table in enumerate(page.iter("table"), start=1):
        name = f"table{number}"
        check_time(f"{filename}: {name}")
        rows, spans = _rows(table, f"{filename}: {name}")
        notes = [f"encoding {encoding}"]
        if spans:
            notes.append(f"{spans} spanning cells repeated over their span")
        grids.append(Grid.of(name, rows, notes))
    if not grids:
        raise ReadError(f"{filename}: expected an HTML page with a table; it has none")
    return grids


def lines(content: bytes, filename: str) -> tuple[list[str], list[str]]:
    """The page's text outside its tables, a line per block or line break as a browser shows them, blank lines
    left out; and notes.
    """
    page, encoding = _parse(content, filename)
    found: list[str] = []
    current: list[str] = []

    def end_line() -> None:
        text = _SPACES.sub(" ", "".join(current)).strip(" ")
        current.clear()
        if text.strip():
            found.append(text)

    walk = etree.iterwalk(page, events=("start", "end"))
    for event, element in walk:
        is_inline = element.tag in _INLINE
        if not is_inline:
            end_line()
        if event == "end":
            current.append(element.tail or "")
        elif element.tag in _NOT_SHOWN:
            walk.skip_subtree()
        else:
            current.append(element.text or "")
    end_line()
    tables = sum(1 for _ in page.iter("table"))
    notes = [f"encoding {encoding}", *([f"tables not read with the text: {tables}"] if tables else [])]
    return found, notes


def _parse(content: bytes, filename: str) -> tuple[html.HtmlElement, str]:
    declared = _DECLARED.search(content[:4096])
    utf8, encoding = to_utf8(content, filename, declared and _ENCODINGS.get(declared[1].decode().lower()))
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    page = html.document_fromstring(utf8, parser=parser)
    # The parser mends what it can, but at its own limits (nesting, length) it drops the rest of the page.
    if fatal := [entry for entry in parser.error_log if entry.level == etree.ErrorLevels.FATAL]:
        raise ReadError(f"{filename}: line {fatal[0].line}: expected an HTML page; {fatal[0].message}")
    return page, encoding


def _rows(table: html.HtmlElement, where: str) -> tuple[list[list[str | None]], int]:
    """The table's rows with every span filled in, and the number of cells that spanned."""
    own_rows: dict[Any, list[Any]] = {
        row: [] for row in table.iter("tr") if next(row.iterancestors("table")) is table
    }
    for cell in table.iter("td", "th"):
        if next(cell.iterancestors("table")) is table:
            row = next(cell.iterancestors("tr", "table"))
            if row is table:
                raise ReadError(f"{where}: expected every cell in a row; {_text(cell)!r} is outside any <tr>")
            own_rows[row].append(cell)

    filled: dict[tuple[int, int], str | None] = {}
    spans = 0
    for r, cells in enumerate(own_rows.values()):
        c = 0
        for cell in cells:
            height = min(_span(cell, "rowspan", _MAX_ROWSPAN) or len(own_rows), len(own_rows) - r)
            width = _span(cell, "colspan", _MAX_COLSPAN) or 1
            spans += height * width > 1
            check_limit(where, len(filled) + height * width, MAX_TABLE_CELLS, "cells")
            while (r, c) in filled:
                c += 1
            text = _text(cell)
            filled |= {(r + down, c + right): text for down in range(height) for right in range(width)}
    columns = 1 + max((c for _, c in filled), default=-1)
    check_limit(where, len(own_rows) * columns, MAX_TABLE_CELLS, "cells")
    check_limit(where, columns, MAX_COLUMNS, "columns")
    return [[filled.get((r, c)) for c in range(columns)] for r in range(len(own_rows))], spans


def _span(cell: html.HtmlElement, attribute: str, most: int) -> int:
    """The span as browsers take it: 1 where it is absent or not a number; 0 means "to the end"."""
    digits = re.match(r"\s*\+?0*(\d{1,6})", cell.get(attribute, "1"), re.ASCII)  # six are beyond any ceiling
    return min(int(digits[1]), most) if digits else 1


def _text(cell: html.HtmlElement) -> str | None:
    """The text a browser shows in the cell, without that of a table inside it; null where it shows none."""
    parts: list[str] = []
    walk = etree.iterwalk(cell, events=("start", "end"))
    for event, element in walk:
        if element.tag in _LINE_BREAKING:
            parts.append("\n")
        if event == "end":
            parts.append((element is not cell and element.tail) or "")
        elif element.tag in _NOT_OWN_TEXT and element is not cell:
            walk.skip_subtree()
        else:
            parts.append(element.text or "")
    text = _SPACES.sub(" ", "".join(parts)).strip(" ")
    return text if text.strip() else None  # a lone &nbsp; is how a page prints an empty cell
