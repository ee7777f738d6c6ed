"""Tables and paragraphs of a Word document (docx). Headers, footers, footnotes and text boxes are not read."""

import io
from collections.abc import Iterator

import docx
from lxml import etree

from ingest.readers import MAX_COLUMNS, Grid, ReadError, check_limit, check_time
from ingest.readers.archive import open_zip, refuse_doctype, unpacked

EXPECTED = "a Word document (docx)"
KINDS = {"docx"}
# A bulletin with its pictures is some 10 MB.
MAX_BYTES = 64 * 1024**2
# The document's own part becomes a tree of ten times its room; a yearbook's is 20 MB.
MAX_PART_BYTES = 64 * 1024**2
# Far beyond any table a person reads; it stops spans that multiply into memory.
MAX_TABLE_CELLS = 1_000_000

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TABLE, _ROW, _CELL, _PARAGRAPH = (_W + tag for tag in ("tbl", "tr", "tc", "p"))
# Around rows, cells and paragraphs: content controls, and what a tracked change added.
_WRAPPERS = {_W + tag for tag in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}
# Not part of the text a reader sees: what a tracked change took away, and what stands in another layer.
_UNREAD = {_W + tag for tag in ("del", "moveFrom", "pPr", "rPr", "txbxContent", "instrText")} | {
    _MC + "Fallback"
}


def read(content: bytes, filename: str) -> list[Grid]:
    """A grid per table, "table1", "table2", … in the document's order; a table inside a cell is a grid of its
    own, and its text is not repeated in the cell around it. Merged cells are repeated over their range; the
    paragraphs of a cell are its lines.

    Raises ReadError for a document without tables, one that is damaged, and above the limits.
    """
    body, notes = _body(content, filename)
    grids = []
    for number, table in enumerate(body.iter(_TABLE), start=1):
        where = f"{filename}: table{number}"
        check_time(where)
        rows, merged = _rows(table, where)
        own = [f"{merged} merged cells repeated over their range"] if merged else []
        grids.append(Grid.of(f"table{number}", rows, [*notes, *own]))
    if not grids:
        raise ReadError(f"{filename}: expected {EXPECTED} with a table; it has none")
    return grids


def paragraphs(content: bytes, filename: str) -> tuple[list[str], list[str]]:
    """The text of the paragraphs outside tables that are not blank, in the document's order, and notes."""
    body, notes = _body(content, filename)
    texts = (_text(element) for element in _children(body, _PARAGRAPH))
    if body.find(f".//{_W}numPr") is not None:
        notes.append("numbers that Word gives paragraphs by itself are not in the text")
    if tables := sum(1 for _ in body.iter(_TABLE)):
        notes.append(f"tables not read with the text: {tables}")
    return [text for text in texts if text.strip()], notes


def _body(content: bytes, filename: str) -> tuple[etree._Element, list[str]]:
    package = open_zip(content, filename)
    for entry in package.infolist():
        if entry.filename.lower().endswith((".xml", ".rels")):
            check_limit(
                f"{filename}: {entry.filename}", entry.file_size, MAX_PART_BYTES, "bytes once unpacked"
            )
        part = unpacked(package, entry, filename)  # proves the sizes before the library trusts them
        if entry.filename.lower().endswith((".xml", ".rels")):
            refuse_doctype(part, f"{filename}: {entry.filename}")
    body = docx.Document(io.BytesIO(content)).element.body
    if body is None:
        raise ReadError(f"{filename}: expected {EXPECTED}; it has no body")
    tracked = body.find(f".//{_W}ins") is not None or body.find(f".//{_W}del") is not None
    return body, ["tracked changes are read as if they were accepted"] if tracked else []


def _rows(table: etree._Element, where: str) -> tuple[list[list[str | None]], int]:
    """The table's rows with every merged cell filled in, and the number of cells that are merged."""
    rows: list[list[str | None]] = []
    above: list[str | None] = []
    cells = merged = 0
    for row in _children(table, _ROW):
        filled: list[str | None] = [None] * _number(row, "trPr", "gridBefore", 0)
        for cell in _children(row, _CELL):
            span = _number(cell, "tcPr", "gridSpan", 1) or 1
            continued = cell.find(f"{_W}tcPr/{_W}vMerge")
            left = len(filled)
            if continued is not None and continued.get(_W + "val", "continue") == "continue":
                text = above[left] if left < len(above) else None
            else:
                text = _cell_text(cell)
                merged += span > 1 or continued is not None
            cells += span
            check_limit(where, left + span, MAX_COLUMNS, "columns")
            check_limit(where, cells, MAX_TABLE_CELLS, "cells")
            filled += [text] * span
        rows.append(filled)
        above = filled
    check_limit(where, len(rows) * max(map(len, rows), default=0), MAX_TABLE_CELLS, "cells")
    return rows, merged


def _number(element: etree._Element, properties: str, name: str, default: int) -> int:
    found = element.find(f"{_W}{properties}/{_W}{name}")
    text = (found.get(_W + "val") if found is not None else None) or ""
    return min(int(text), MAX_COLUMNS) if text.isascii() and text.isdecimal() and len(text) < 9 else default


def _cell_text(cell: etree._Element) -> str | None:
    text = "\n".join(_text(paragraph) for paragraph in _children(cell, _PARAGRAPH)).strip("\n")
    return text if text.strip() else None


def _children(element: etree._Element, tag: str) -> Iterator[etree._Element]:
    """The element's own children of that kind, those inside content controls and insertions included."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _children(child, tag)


def _text(paragraph: etree._Element) -> str:
    parts: list[str] = []
    walk = etree.iterwalk(paragraph, events=("start",))
    for _, element in walk:
        if element.tag in _UNREAD:
            walk.skip_subtree()
        elif element.tag == _W + "t":
            parts.append(element.text or "")
        elif element.tag == _W + "tab":
            parts.append("\t")
        elif element.tag in (_W + "br", _W + "cr"):
            parts.append("\n")
        elif element.tag == _W + "noBreakHyphen":
            parts.append("-")
    return "".join(parts)
