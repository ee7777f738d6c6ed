"""What an xlsb package says that the spreadsheet library does not tell (see marks.py). Values: workbook.py."""

import posixpath
import struct
from collections.abc import Iterator
from functools import cached_property

from ingest.readers.marks import BUILT_IN_PERCENTS, ERROR_TEXTS, Marks, is_percent
from ingest.readers.ooxml import Package

_ROW, _CELL_RK, _CELL_ERROR, _CELL_REAL, _CELL_FORMULA_NUMBER, _CELL_FORMULA_ERROR = 0, 2, 3, 5, 9, 11
# Blank is 1; text, shared text, booleans, their formulas and rich text are the others.
_CELLS = {*range(2, 12), 62}
_NUMBERS = {_CELL_RK, _CELL_REAL, _CELL_FORMULA_NUMBER}
_ERRORS = {_CELL_ERROR, _CELL_FORMULA_ERROR}
_FORMAT, _XF, _COLUMN_INFO, _SHEET, _MERGED, _BEGIN_XFS, _END_XFS = 44, 47, 60, 156, 176, 617, 618


class BinaryPackage(Package):
    """The same zip package as xlsx, its parts in records instead of XML."""

    def marks(self, sheet: int, name: str) -> Marks:
        merged: list[tuple[tuple[int, int], tuple[int, int]]] = []
        marks = Marks(merged=merged)
        row = 0
        for record, body in _records(self._part(self._sheet_parts[sheet])):
            if record == _ROW and len(body) >= 12:
                row = int.from_bytes(body[:4], "little")
                if body[11] & 0x10:
                    marks.hidden_rows.append(row)
            elif record in _CELLS and len(body) >= 8:
                column = int.from_bytes(body[:4], "little")
                marks.add_cell(row, column)
                if record in _ERRORS and len(body) > 8:
                    marks.shown[row, column] = ERROR_TEXTS.get(body[8], "#ERROR!")
                elif record in _NUMBERS and int.from_bytes(body[4:7], "little") in self._percent_numbers:
                    marks.percents.append((row, column))
            elif record == _COLUMN_INFO and len(body) >= 18 and body[16] & 1:
                marks.hide_columns(*struct.unpack_from("<II", body))
            elif record == _MERGED and len(body) >= 16:
                top, bottom, left, right = struct.unpack_from("<IIII", body)
                merged.append(((top, left), (bottom, right)))
        return marks.within_range()

    @cached_property
    def _sheet_parts(self) -> list[str]:
        relations = self._elements("xl/_rels/workbook.bin.rels")
        targets = {relation.get("Id"): relation.get("Target") for relation in relations}
        links = [
            _text(body[8:])
            for record, body in _records(self._part("xl/workbook.bin"))
            if record == _SHEET and len(body) > 12
        ]
        return [posixpath.normpath(posixpath.join("/xl", targets[link])).lstrip("/") for link in links]

    @cached_property
    def _percent_numbers(self) -> set[int]:
        """Numbers, as cells give them, of the cell styles that show a number as a percentage."""
        if "xl/styles.bin" not in self._members:
            return set()
        formats, styles, in_cell_styles = set(BUILT_IN_PERCENTS), [], False
        for record, body in _records(self._part("xl/styles.bin")):
            if record == _FORMAT and is_percent(_text(body[2:])):
                formats.add(int.from_bytes(body[:2], "little"))
            elif record in (_BEGIN_XFS, _END_XFS):
                in_cell_styles = record == _BEGIN_XFS
            elif record == _XF and in_cell_styles:
                styles.append(int.from_bytes(body[2:4], "little"))
        return {number for number, style in enumerate(styles) if style in formats}


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and body of each record; both number and size are stored seven bits to a byte."""
    position, end = 0, len(part)
    while position < end:
        record = part[position]
        position += 1
        if record & 0x80 and position < end:
            record = (record & 0x7F) | (part[position] & 0x7F) << 7
            position += 1
        size = shift = 0
        while position < end and shift < 28:
            byte = part[position]
            position += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield record, part[position : position + size]
        position += size


def _text(data: bytes) -> str:
    length = int.from_bytes(data[:4], "little")
    return data[4 : 4 + 2 * min(length, len(data))].decode("utf-16-le", "replace")
