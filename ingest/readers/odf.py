"""What an ods package says that the spreadsheet library does not tell (see marks.py). Values: workbook.py."""

import re
from xml.parsers import expat

from ingest.readers import ReadError, check_limit
from ingest.readers.archive import open_zip, unpacked
from ingest.readers.marks import MAX_CELLS, Marks

# A workbook of MAX_CELLS cells; the part is read as a whole.
MAX_CONTENT_BYTES = 1024**3

_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")
_MAX_ROWS = 1_048_576
_COLLAPSED = {"collapse", "filter"}


class Spreadsheet:
    """All sheets are scanned at once: the library makes room for all of them, their repeated cells and rows
    too, when it opens the file, so the limit must hold before.
    """

    def __init__(self, content: bytes, filename: str) -> None:
        """Raises ReadError for a damaged package, for a password, and above the limit of cells."""
        package = open_zip(content, filename)
        names = set(package.namelist())
        if "META-INF/manifest.xml" in names and b"encryption-data" in unpacked(
            package, "META-INF/manifest.xml", filename
        ):
            raise ReadError(f"{filename}: the workbook has a password; send it without")
        check_limit(
            filename, package.getinfo("content.xml").file_size, MAX_CONTENT_BYTES, "bytes once unpacked"
        )
        self._sheets = _Scan(filename).run(unpacked(package, "content.xml", filename))

    def marks(self, sheet: int, name: str) -> Marks:
        return self._sheets[sheet]


class _Scan:
    """One pass over the content's XML: an event parser, no tree."""

    def __init__(self, filename: str) -> None:
        self._filename = filename
        self._sheets: list[Marks] = []
        self._depth = 0  # of tables: charts and subtables hold tables of their own
        self._row = self._rows = self._column = 0
        self._columns = 0
        self._cells_before = 0  # in the sheets before this one

    def run(self, xml: bytes) -> list[Marks]:
        parser = expat.ParserCreate(namespace_separator=None)
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.Parse(xml, True)
        return [marks.within_range() for marks in self._sheets]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._depth += 1
            if self._depth == 1:
                self._cells_before += sum(sheet.height * sheet.width for sheet in self._sheets[-1:])
                self._sheets.append(Marks(merged=[]))
                self._row = self._rows = self._column = self._columns = 0
        elif self._depth != 1:
            return
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell(attributes)
        elif name == "table:table-row":
            self._row, self._column = self._row + self._rows, 0
            self._rows = _count(attributes, "table:number-rows-repeated")
            if attributes.get("table:visibility") in _COLLAPSED:
                # A sheet ends in a million rows that repeat; those beyond the values are dropped later.
                end = min(self._row + self._rows, _MAX_ROWS)
                self._sheets[-1].hidden_rows += range(self._row, end)
        elif name == "table:table-column":
            repeated = _count(attributes, "table:number-columns-repeated")
            if attributes.get("table:visibility") in _COLLAPSED:
                self._sheets[-1].hide_columns(self._columns, self._columns + repeated - 1)
            self._columns += repeated

    def _cell(self, attributes: dict[str, str]) -> None:
        marks = self._sheets[-1]
        column = self._column
        repeated = _count(attributes, "table:number-columns-repeated")
        self._column += repeated
        kind = attributes.get("office:value-type")
        down = _count(attributes, "table:number-rows-spanned")
        right = _count(attributes, "table:number-columns-spanned")
        if down > 1 or right > 1:
            assert marks.merged is not None  # as each sheet of this format begins
            marks.merged.append(((self._row, column), (self._row + down - 1, column + right - 1)))
        if kind is None:
            return
        marks.add_cell(self._row + self._rows - 1, column + repeated - 1)
        check_limit(self._filename, self._cells_before + marks.height * marks.width, MAX_CELLS, "cells")
        duration = _DURATION.fullmatch(attributes.get("office:time-value", "")) if kind == "time" else None
        if kind == "percentage" or duration:
            for row in range(self._row, self._row + self._rows):
                for c in range(column, column + repeated):
                    if duration:
                        marks.shown[row, c] = f"{int(duration[1])}:{duration[2]}:{duration[3]}"
                    else:
                        marks.percents.append((row, c))

    def _end(self, name: str) -> None:
        if name == "table:table":
            self._depth -= 1

    def _refuse_doctype(self, *_: object) -> None:
        raise ReadError(f"{self._filename}: expected a workbook; its XML has a document type declaration")


def _count(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    return max(int(text), 1) if text.isascii() and text.isdecimal() and len(text) < 10 else 1
