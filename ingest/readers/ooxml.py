"""What an xlsx package says that the spreadsheet library does not tell (see marks.py): how large a sheet really
is, which rows and columns are hidden, which cells show an error or a percentage. Values: workbook.py.
"""

import posixpath
import re
from functools import cache, cached_property
from xml.parsers import expat

import numpy as np
from lxml import etree

from ingest.readers import ReadError, column_letters
from ingest.readers.archive import open_zip, refuse_doctype, unpacked
from ingest.readers.marks import BUILT_IN_PERCENTS, MAX_CELLS, Marks, is_percent

# What only a look at every cell can settle: formulas, errors, hidden parts, declarations, texts in the cell,
# elements with a prefix, references in other quotes.
_NEEDS_SCAN = (b"<f>", b"<f ", b"<f/", b't="e"', b"hidden=", b"<!", b"<is>", b":c ", b":c>", b":row", b"'")
_CELL_START = b'<c r="'
# A reference has at most three letters and seven digits, then its quote.
_REFERENCE_BYTES = 11


class Package:
    """The zip package of one workbook, held against the limits before anything is unpacked."""

    def __init__(self, content: bytes, filename: str) -> None:
        """Raises ReadError for what is no zip archive, is damaged, or unpacks beyond the limits."""
        self._filename = filename
        self._zip = open_zip(content, filename)
        # Proves the sizes, on which the library relies: one that is understated fails its checksum.
        for entry in self._zip.infolist():
            part = unpacked(self._zip, entry, filename)
            if entry.filename.lower().endswith((".xml", ".rels")):
                refuse_doctype(part, f"{filename}: {entry.filename}")
        self._members = {name.lower(): name for name in self._zip.namelist()}

    def marks(self, sheet: int, name: str) -> Marks:
        """Marks of a sheet, by its position in the workbook; `name` is for messages.

        Raises ReadError for a formula that was saved without its result: it would read as an empty cell.
        """
        xml = self._part(self._sheet_parts[sheet])
        quick = _quick_marks(xml, self._percent_styles)
        return quick or _SheetScan(self._percent_styles, f"{self._filename}: {name}").run(xml)

    def _part(self, path: str) -> bytes:
        return unpacked(self._zip, self._members[path.lower()], self._filename)

    @cached_property
    def _sheet_parts(self) -> list[str]:
        relations = self._elements("xl/_rels/workbook.xml.rels")
        targets = {relation.get("Id"): relation.get("Target") for relation in relations}
        sheets = [part for part in self._elements("xl/workbook.xml") if part.tag.endswith("}sheet")]
        links = [next(value for key, value in sheet.items() if key.endswith("}id")) for sheet in sheets]
        return [posixpath.normpath(posixpath.join("/xl", targets[link])).lstrip("/") for link in links]

    @cached_property
    def _percent_styles(self) -> set[str]:
        """Numbers, as cells give them, of the cell styles that show a number as a percentage."""
        if "xl/styles.xml" not in self._members:
            return set()
        formats, styles = set(map(str, BUILT_IN_PERCENTS)), []
        for element in self._elements("xl/styles.xml"):
            if element.tag.endswith("}numFmt") and is_percent(element.get("formatCode", "")):
                formats.add(element.get("numFmtId"))
            elif element.tag.endswith("}cellXfs"):
                styles = [style.get("numFmtId") for style in element.iterchildren("{*}xf")]
        return {str(number) for number, style in enumerate(styles) if style in formats}

    def _elements(self, path: str) -> list[etree._Element]:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        return list(etree.fromstring(self._part(path), parser).iter("{*}*"))


def _quick_marks(xml: bytes, percent_styles: set[str]) -> Marks | None:
    """Marks of a plain sheet, found in a tenth of the time that a look at every cell takes; None where the
    sheet is not plain, or is over the limit. Cells that are styled and empty count as cells.
    """
    if any(mark in xml for mark in _NEEDS_SCAN):
        return None
    references = _references(xml)
    if references is None:
        return None
    rows, columns = references
    marks = Marks(int(rows.max()) + 1, int(columns.max()) + 1)
    if marks.height * marks.width > MAX_CELLS:
        return None
    styles = [style.encode() for style in percent_styles if b' s="%s"' % style.encode() in xml]
    if styles:
        percent = rb'<c r="([A-Z]{1,3})([0-9]+)" s="(?:%s)"(?: t="n")?><v>' % b"|".join(styles)
        marks.percents = [
            (int(row) - 1, _column_index(letters.decode())) for letters, row in re.findall(percent, xml)
        ]
    return marks


def _references(xml: bytes) -> tuple[np.ndarray, np.ndarray] | None:
    """Row and column, counted from 0, of every cell; None where some cell does not begin with its reference."""
    text = np.frombuffer(xml + bytes(_REFERENCE_BYTES), np.uint8)
    starts = np.flatnonzero((text[:-1] == ord("<")) & (text[1:] == ord("c")))
    # "<cols>" and "<cfRule>" begin like a cell.
    starts = starts[np.isin(text[starts + 2], np.frombuffer(b" \t\r\n/>", np.uint8))]
    for offset, sign in enumerate(_CELL_START):
        if not (text[starts + offset] == sign).all():
            return None
    if not len(starts):
        return None
    rows, columns = np.zeros(len(starts), np.int64), np.zeros(len(starts), np.int64)
    in_letters, in_digits = np.ones(len(starts), bool), np.zeros(len(starts), bool)
    for offset in range(_REFERENCE_BYTES):
        byte = text[starts + (len(_CELL_START) + offset)].astype(np.int64)
        is_letter, is_digit = (byte >= ord("A")) & (byte <= ord("Z")), (byte >= ord("0")) & (byte <= ord("9"))
        in_digits = (in_letters | in_digits) & is_digit
        in_letters &= is_letter
        columns = np.where(in_letters, columns * 26 + (byte - ord("A") + 1), columns)
        rows = np.where(in_digits, rows * 10 + (byte - ord("0")), rows)
    if in_letters.any() or in_digits.any() or not (rows.all() and columns.all()):
        return None
    return rows - 1, columns - 1


class _SheetScan:
    """One pass over a sheet's XML, which may have millions of cells: an event parser, no tree."""

    def __init__(self, percent_styles: set[str], where: str) -> None:
        self._percent_styles = percent_styles
        self._where = where
        self._marks = Marks()
        self._row = self._column = -1
        self._type: str | None = None
        self._style: str | None = None
        self._is_formula = False
        self._value: list[str] = []

    def run(self, xml: bytes) -> Marks:
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.Parse(xml, True)
        self._end_cell()
        return self._marks.within_range()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            self._end_cell()
            reference = attributes.get("r")
            if reference is None:
                self._column += 1
            else:
                letters = reference.rstrip("0123456789")
                self._column = _column_index(letters)
                self._row = int(reference[len(letters) :]) - 1
            self._type = attributes.get("t", "n")
            self._style = attributes.get("s")
        elif name == "v" or name == "is":
            marks = self._marks
            marks.add_cell(self._row, self._column)
            if self._is_formula or self._type == "e":
                self._parser.CharacterDataHandler = self._value.append
            if self._type == "n" and self._style in self._percent_styles:
                marks.percents.append((self._row, self._column))
        elif name == "f":
            self._is_formula = True
        elif name == "row":
            self._end_cell()
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
            if attributes.get("hidden") in ("1", "true"):
                self._marks.hidden_rows.append(self._row)
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            self._marks.hide_columns(int(attributes["min"]) - 1, int(attributes["max"]) - 1)

    def _end_cell(self) -> None:
        if not self._is_formula and self._type != "e":
            return
        self._parser.CharacterDataHandler = None
        value = "".join(self._value).strip()
        self._value.clear()
        if value and self._type == "e":
            self._marks.shown[self._row, self._column] = value
        elif not value and self._type != "str":  # a formula may well give an empty text
            address = f"{column_letters(self._column)}{self._row + 1}"
            raise ReadError(
                f"{self._where}!{address}: expected a value, but the formula there was saved without its "
                "result; open the workbook in a spreadsheet program, save it and send it again"
            )
        self._is_formula, self._type = False, None

    def _refuse_doctype(self, *_: object) -> None:
        raise ReadError(f"{self._where}: expected a worksheet; its XML has a document type declaration")


@cache
def _column_index(letters: str) -> int:
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
