"""What the stream of an xls file says that the spreadsheet library does not tell (see marks.py), and the
container (OLE2) around it. Values: workbook.py.
"""

import struct
from collections.abc import Iterator

from ingest.readers import ReadError, check_limit, column_letters
from ingest.readers.marks import BUILT_IN_PERCENTS, ERROR_TEXTS, MAX_CELLS, Marks, is_percent

_END_OF_CHAIN = 0xFFFFFFFA  # and above: sectors that are no data
_BIFF8 = 0x0600

_BOF, _EOF, _FILEPASS, _BOUNDSHEET, _XF, _FORMAT = 0x809, 0x0A, 0x2F, 0x85, 0xE0, 0x41E
_NUMBER, _RK, _MULRK, _LABELSST, _LABEL, _RSTRING, _BOOLERR, _FORMULA = (
    *(0x203, 0x27E, 0xBD, 0xFD, 0x204, 0xD6),
    *(0x205, 0x06),
)
_STRING, _CONTINUE, _SHARED_FORMULA, _ARRAY, _DATA_TABLE = 0x207, 0x3C, 0x4BC, 0x221, 0x236
_ROW, _COLUMN_INFO = 0x208, 0x7D
_CELLS = {_NUMBER, _RK, _LABELSST, _LABEL, _RSTRING, _BOOLERR, _FORMULA}


class Stream:
    """The records of one workbook. All sheets are scanned at once: the library makes room for all of them when
    it opens the file, so the limit must hold before.
    """

    def __init__(self, content: bytes, filename: str) -> None:
        """Raises ReadError for a damaged container, for a password, and above the limit of cells."""
        self._filename = filename
        self._data = _workbook_stream(content, filename)
        self._percent_styles: set[int] = set()
        self._sheets: list[Marks] = []
        self._scan_globals()

    def marks(self, sheet: int, name: str) -> Marks:
        return self._sheets[sheet]

    def _scan_globals(self) -> None:
        formats, styles, offsets, version = set(BUILT_IN_PERCENTS), [], [], _BIFF8
        for record, body in self._records(0):
            if record == _BOF and len(body) >= 2:
                version = int.from_bytes(body[:2], "little")
            elif record == _FILEPASS:
                raise ReadError(f"{self._filename}: the workbook has a password; send it without")
            elif record == _FORMAT and len(body) > 4:
                text = body[5:] if version == _BIFF8 else body[3:]
                if is_percent(text.replace(b"\0", b"").decode("latin-1")):
                    formats.add(int.from_bytes(body[:2], "little"))
            elif record == _XF:
                styles.append(int.from_bytes(body[2:4], "little"))
            elif record == _BOUNDSHEET:
                offsets.append(int.from_bytes(body[:4], "little"))
        self._percent_styles = {number for number, style in enumerate(styles) if style in formats}
        cells = 0
        for offset in offsets:
            marks = self._scan_sheet(offset)
            cells += marks.height * marks.width
            check_limit(self._filename, cells, MAX_CELLS, "cells")
            self._sheets.append(marks)

    def _records(self, start: int) -> Iterator[tuple[int, bytes]]:
        """Records from a BOF to its EOF, without those of objects (charts) in between."""
        position, depth = start, 0
        while position + 4 <= len(self._data):
            record, size = struct.unpack_from("<HH", self._data, position)
            body = self._data[position + 4 : position + 4 + size]
            position += 4 + size
            depth += (record == _BOF) - (record == _EOF)
            if depth == 1 and record != _EOF:
                yield record, body
            elif depth <= 0:
                return

    def _scan_sheet(self, start: int) -> Marks:
        marks = Marks()
        awaited: tuple[int, int] | None = None  # a formula whose text comes in a record of its own
        for record, body in self._records(start):
            if awaited and record not in (_SHARED_FORMULA, _ARRAY, _DATA_TABLE, _CONTINUE):
                if record != _STRING:
                    self._refuse_unsaved(*awaited)
                awaited = None
            if record in _CELLS and len(body) >= 6:
                row, column, style = struct.unpack_from("<HHH", body)
                marks.add_cell(row, column)
                is_number = record in (_NUMBER, _RK)
                if record == _BOOLERR and len(body) >= 8 and body[7]:
                    marks.shown[row, column] = ERROR_TEXTS.get(body[6], "#ERROR!")
                elif record == _FORMULA and len(body) >= 14:
                    is_number = body[12:14] != b"\xff\xff"
                    if not is_number and body[6] == 2:
                        marks.shown[row, column] = ERROR_TEXTS.get(body[8], "#ERROR!")
                    elif not is_number and body[6] == 0:
                        awaited = row, column
                if is_number and style in self._percent_styles:
                    marks.percents.append((row, column))
            elif record == _MULRK and len(body) >= 6:
                row, first = struct.unpack_from("<HH", body)
                for index in range((len(body) - 6) // 6):
                    marks.add_cell(row, first + index)
                    if int.from_bytes(body[4 + 6 * index : 6 + 6 * index], "little") in self._percent_styles:
                        marks.percents.append((row, first + index))
            elif record == _ROW and len(body) >= 14:
                if body[12] & 0x20:
                    marks.hidden_rows.append(int.from_bytes(body[:2], "little"))
            elif record == _COLUMN_INFO and len(body) >= 10 and body[8] & 1:
                marks.hide_columns(*struct.unpack_from("<HH", body))
        if awaited:
            self._refuse_unsaved(*awaited)
        return marks.within_range()

    def _refuse_unsaved(self, row: int, column: int) -> None:
        raise ReadError(
            f"{self._filename}: cell {column_letters(column)}{row + 1}: expected a value, but the formula there "
            "was saved without its result; open the workbook in a spreadsheet program, save it and send it again"
        )


def _workbook_stream(content: bytes, filename: str) -> bytes:
    """The stream "Workbook" (or "Book", before 1997) of an OLE2 file."""
    damaged = ReadError(f"{filename}: expected an xls workbook; its container is damaged")
    if len(content) < 512:
        raise damaged
    sector_shift, mini_shift = struct.unpack_from("<HH", content, 30)
    if sector_shift not in (9, 12) or mini_shift != 6:
        raise damaged
    size = 1 << sector_shift
    first_directory, cutoff, first_mini_table = struct.unpack_from("<I4xII", content, 48)
    first_further, n_further = struct.unpack_from("<II", content, 68)

    def sector(number: int) -> bytes:
        begin = (number + 1) * size
        return content[begin : begin + size]

    def numbers(data: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])

    table_sectors = list(numbers(content[76:512]))
    further = first_further
    for _ in range(min(n_further, len(content) // size)):
        if further >= _END_OF_CHAIN:
            break
        *more, further = numbers(sector(further)) or (_END_OF_CHAIN,)
        table_sectors += more
    table = [n for s in table_sectors if s < _END_OF_CHAIN for n in numbers(sector(s))]

    def chain(first: int, table: list[int]) -> list[int]:
        found: list[int] = []
        while first < len(table) and len(found) <= len(table):
            found.append(first)
            first = table[first]
        if len(found) > len(table):
            raise damaged  # a chain that bites its tail
        return found

    def stream(first: int) -> bytes:
        return b"".join(map(sector, chain(first, table)))

    directory = stream(first_directory)
    entries = [directory[i : i + 128] for i in range(0, len(directory) - 127, 128)]
    by_name = {entry[:64].decode("utf-16-le", "replace").partition("\0")[0]: entry for entry in entries}
    entry = by_name.get("Workbook") or by_name.get("Book")
    if entry is None or not entries:
        raise damaged
    first, length = struct.unpack_from("<II", entry, 116)
    if length >= cutoff:
        return stream(first)[:length]
    root = stream(struct.unpack_from("<I", entries[0], 116)[0])
    mini_table = list(numbers(stream(first_mini_table)))
    return b"".join(root[64 * n : 64 * n + 64] for n in chain(first, mini_table))[:length]
