"""Sheets of a workbook (xlsx, xls, xlsb, ods) as a person would see them. Which sheet or row matters is not decided here."""

import datetime
import io
from decimal import Decimal
from itertools import islice

from python_calamine import (
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from ingest.readers import MAX_COLUMNS, Grid, ReadError, check_limit, check_time
from ingest.readers.archive import package_kind
from ingest.readers.biff import Stream
from ingest.readers.marks import MAX_CELLS, Marks
from ingest.readers.odf import Spreadsheet
from ingest.readers.ooxml import Package
from ingest.readers.sniffing import OLE_START
from ingest.readers.xlsb import BinaryPackage

EXPECTED = "a workbook (xlsx, xls, xlsb, ods)"
KINDS = {"workbook"}
# Three times the size of a workbook of MAX_CELLS cells.
MAX_BYTES = 128 * 1024**2
# A sheet per county and month of a year is some 200; more is a mistake.
MAX_SHEETS = 255

# A spreadsheet's last row and column, counted from 0: where a merged range means "the whole row" or column.
_LAST_ROW, _LAST_COLUMN = 1_048_575, 16_383

_Range = tuple[tuple[int, int], tuple[int, int]]


def read(content: bytes, filename: str) -> list[Grid]:
    """A grid per visible worksheet, from column A and the first row with a value to the last of both.

    Numbers are the shortest text that gives the same number ("2024", "1703.42"), percentages as they are
    shown ("12.5%", where the file stores 0.125), dates ISO, errors their text ("#DIV/0!"). Merged ranges
    repeat their value; one over whole rows or columns stops where the sheet's values stop. Hidden rows and
    columns are read and noted; hidden sheets and chart sheets are noted and not read.

    Raises ReadError for anything else than a workbook, for one without a visible worksheet, for a
    formula that was saved without its result (xlsx; in the others that is the same as an empty text), and above
    the limits.
    """
    package = _package(content, filename)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError as error:
        raise ReadError(f"{filename}: the workbook has a password; send it without") from error
    sheets = workbook.sheets_metadata
    check_limit(filename, len(sheets), MAX_SHEETS, "sheets")

    unread = [note for sheet in sheets if (note := _why_unread(sheet))]
    grids, cells = [], 0
    for index, sheet in enumerate(sheets):
        if _why_unread(sheet):
            continue
        check_time(f"{filename}: {sheet.name}")
        marks = package.marks(index, sheet.name)
        check_limit(f"{filename}: {sheet.name}", marks.width, MAX_COLUMNS, "columns")
        cells += marks.height * marks.width  # before the library reserves room for every one of them
        check_limit(filename, cells, MAX_CELLS, "cells")
        grids.append(_grid(workbook.get_sheet_by_index(index), marks, unread, filename))
    if not grids:
        raise ReadError(f"{filename}: expected a visible worksheet; {'; '.join(unread) or 'no sheets'}")
    return grids


def _package(content: bytes, filename: str) -> Package | Stream | Spreadsheet:
    if content.startswith(OLE_START):
        return Stream(content, filename)
    kind = package_kind(content, filename)
    kinds: dict[str, type[Package] | type[Spreadsheet]] = {
        "xlsx": Package, "xlsb": BinaryPackage, "ods": Spreadsheet,
    }  # fmt: skip
    return kinds[kind or "xlsx"](content, filename)


def _why_unread(sheet: SheetMetadata) -> str | None:
    if sheet.typ != SheetTypeEnum.WorkSheet:
        return f"sheet {sheet.name} is not a worksheet: not read"
    if sheet.visible != SheetVisibleEnum.Visible:
        return f"sheet {sheet.name} is hidden: not read"
    return None


def _grid(sheet: CalamineSheet, marks: Marks, unread: list[str], filename: str) -> Grid:
    if sheet.start is None:
        return Grid.of(sheet.name, [], unread)
    top, left = sheet.start
    # Most cells are text; a function call for each of those would take longer than reading them.
    before: list[str | None] = [None] * left
    rows = [
        before + [value if type(value) is str else _text(value) for value in row]
        for row in islice(sheet.iter_rows(), top, None)
    ]
    for (r, c), text in marks.shown.items():
        rows[r - top][c] = text
    for r, c in marks.percents:
        if number := rows[r - top][c]:
            rows[r - top][c] = f"{_decimal_text(Decimal(number) * 100)}%"
    ranges = sheet.merged_cell_ranges if marks.merged is None else marks.merged
    merged = _repeat_merged(rows, top, ranges or [], f"{filename}: {sheet.name}")

    notes = list(unread)
    for count, what in (
        (merged, "merged ranges repeated over their cells"),
        (len(marks.hidden_rows), "hidden rows, read like the others"),
        (len(marks.hidden_columns), "hidden columns, read like the others"),
        (len(marks.percents), "percentages written as they are shown"),
    ):
        if count:
            notes.append(f"{count} {what}")
    return Grid.of(sheet.name, rows, notes, addresses=range(top + 1, top + 1 + len(rows)))


def _repeat_merged(rows: list[list[str | None]], top: int, ranges: list[_Range], where: str) -> int:
    """Fill merged ranges in place, the rows growing as needed; the number of ranges that had a value."""
    used_bottom, used_right = top + len(rows) - 1, len(rows[0]) - 1
    filled = []
    for (r0, c0), (r1, c1) in ranges:
        if top <= r0 <= used_bottom and c0 <= used_right and (text := rows[r0 - top][c0]):
            r1 = used_bottom if r1 == _LAST_ROW else r1
            c1 = used_right if c1 == _LAST_COLUMN else c1
            filled.append((range(r0 - top, r1 - top + 1), range(c0, c1 + 1), text))

    height = max([len(rows), *(covered.stop for covered, _, _ in filled)])
    width = max([len(rows[0]), *(covered.stop for _, covered, _ in filled)])
    covered = sum(len(covered_rows) * len(covered_columns) for covered_rows, covered_columns, _ in filled)
    check_limit(where, max(height * width, covered), MAX_CELLS, "cells with its merged ranges")
    check_limit(where, width, MAX_COLUMNS, "columns with its merged ranges")
    for row in rows:
        row += [None] * (width - len(row))
    rows += [[None] * width for _ in range(height - len(rows))]
    for covered_rows, covered_columns, text in filled:
        for r in covered_rows:
            for c in covered_columns:
                rows[r][c] = text
    return len(filled)


def _text(value: object) -> str | None:
    match value:
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float() | int():
            text = repr(value)
            return _decimal_text(Decimal(text)) if "e" in text else text.removesuffix(".0")
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():  # shown as [h]:mm:ss, hours beyond 24 included
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            hours, minutes = divmod(minutes, 60)
            return f"{hours}:{minutes:02}:{seconds:02}"
    raise TypeError(f"cell value of an unknown type: {value!r}")


def _decimal_text(number: Decimal) -> str:
    return f"{number.normalize():f}"
