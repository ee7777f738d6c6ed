"""What an xlsx package says that the spreadsheet library does not tell: how large a sheet really is, which
rows and columns are hidden, which cells show an error or a percentage. The values are read in workbook.py.
"""

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from functools import cache, cached_property
from xml.parsers import expat

from lxml import etree

from ingest.readers import MAX_COLUMNS, ReadError, check_limit, column_letters

# Twice what a workbook at workbook.MAX_CELLS unpacks to.
MAX_UNPACKED_BYTES = 1024**3
# Workbooks unpack to 5 to 30 times their size, very repetitive ones to 100; a decompression bomb to 1,000.
MAX_RATIO = 200

# Number formats that exist without being written down: "0%" and "0.00%".
_BUILT_IN_PERCENTS = {"9", "10"}
# What is literal in a number format: quoted, or the character after a backslash, "_" (a gap) or "*" (a fill).
_LITERAL = re.compile(r'"[^"]*"|[\\_*].')


@dataclass
class Marks:
    """Of one sheet; addresses are (row, column) counted from 0.

    `height` and `width` reach from A1 to the last cells with a value; hidden rows and columns count inside
    that range. `errors` holds the text shown, as "#DIV/0!".
    """

    height: int = 0
    width: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    percents: list[tuple[int, int]] = field(default_factory=list)


class Package:
    """The zip package of one workbook, held against the limits before anything is unpacked."""

    def __init__(self, content: bytes, filename: str) -> None:
        """Raises ReadError for what is no zip archive, is damaged, or unpacks beyond the limits."""
        self._filename = filename
        if content.startswith(b"\xd0\xcf\x11\xe0"):
            raise ReadError(f"{filename}: expected an xlsx workbook; it is an old .xls, or has a password")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except zipfile.BadZipFile as error:
            raise ReadError(f"{filename}: expected an xlsx workbook (a zip); {error}") from error
        unpacked = sum(member.file_size for member in self._zip.infolist())
        check_limit(filename, unpacked, MAX_UNPACKED_BYTES, "bytes once unpacked")
        check_limit(filename, unpacked // len(content), MAX_RATIO, "times its size once unpacked")
        # Also proves the sizes: a directory that understates one fails its checksum here.
        if damaged := self._zip.testzip():
            raise ReadError(f"{filename}: expected an xlsx workbook; its part {damaged} is damaged")
        self._members = {name.lower(): name for name in self._zip.namelist()}

    def marks(self, sheet: int, name: str) -> Marks:
        """Marks of a sheet, by its position in the workbook; `name` is for messages.

        Raises ReadError for a formula that was saved without its result: it would read as an empty cell.
        """
        return _SheetScan(self._percent_styles, f"{self._filename}: {name}").run(
            self._part(self._sheet_parts[sheet])
        )

    def _part(self, path: str) -> bytes:
        return self._zip.read(self._members[path.lower()])

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
        formats, styles = set(_BUILT_IN_PERCENTS), []
        for element in self._elements("xl/styles.xml"):
            if element.tag.endswith("}numFmt") and "%" in _LITERAL.sub("", element.get("formatCode", "")):
                formats.add(element.get("numFmtId"))
            elif element.tag.endswith("}cellXfs"):
                styles = [style.get("numFmtId") for style in element.iterchildren("{*}xf")]
        return {str(number) for number, style in enumerate(styles) if style in formats}

    def _elements(self, path: str) -> list[etree._Element]:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        return list(etree.fromstring(self._part(path), parser).iter("{*}*"))


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
        marks = self._marks
        marks.hidden_rows = [row for row in marks.hidden_rows if row < marks.height]
        marks.hidden_columns = [column for column in marks.hidden_columns if column < marks.width]
        return marks

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
            marks.height = max(marks.height, self._row + 1)
            marks.width = max(marks.width, self._column + 1)
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
            last = min(int(attributes["max"]), MAX_COLUMNS)
            self._marks.hidden_columns += range(int(attributes["min"]) - 1, last)

    def _end_cell(self) -> None:
        if not self._is_formula and self._type != "e":
            return
        self._parser.CharacterDataHandler = None
        value = "".join(self._value).strip()
        self._value.clear()
        if value and self._type == "e":
            self._marks.errors[self._row, self._column] = value
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
