"""Printed pages of the demo: workbooks with merged headers and HTML tables, byte for byte repeatable.

Lays out what it is given; which rows and words stand there is decided by the callers.
"""

import html
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter

from ingest.spreadsheets import WORKBOOK_OPTIONS

FIRST_DATA_ROW = 4  # zero-based: title, unit line, two header rows


def write_workbook(
    path: Path,
    sheet_name: str,
    title: str,
    unit_line: str,
    columns: Sequence[tuple[str, str | None]],
    rows: Iterable[Sequence[object]],
    notes: Sequence[str],
    created: date,
) -> None:
    """One sheet: title, unit line, a header of two rows, data from row 5, notes below.

    `columns` gives (upper header, lower header); neighbours with the same upper header share one merged cell,
    and None as lower header merges the upper one over both rows. Dates become date cells, None an empty cell.
    """
    workbook = xlsxwriter.Workbook(str(path), WORKBOOK_OPTIONS)
    # the only time stamp in the file; the archive's own are fixed by the library
    workbook.set_properties(
        {"title": title, "comments": "演示数据", "created": datetime.combine(created, time())}
    )
    title_format = workbook.add_format(
        {"bold": True, "align": "center", "valign": "vcenter", "font_size": 16}
    )
    head_format = workbook.add_format({"bold": True, "align": "center", "valign": "vcenter", "border": 1})
    date_format = workbook.add_format({"num_format": "yyyy-mm-dd"})
    sheet = workbook.add_worksheet(sheet_name)
    last = len(columns) - 1
    sheet.merge_range(0, 0, 0, last, title, title_format)
    sheet.merge_range(1, 0, 1, last, unit_line)
    _write_header(sheet, columns, head_format)
    line = FIRST_DATA_ROW
    for row in rows:
        for column, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, date):
                sheet.write_datetime(line, column, datetime.combine(value, time()), date_format)
            elif isinstance(value, str):
                sheet.write_string(line, column, value)
            else:
                sheet.write_number(line, column, value)
        line += 1
    for note in notes:
        sheet.merge_range(line, 0, line, last, note)
        line += 1
    workbook.close()


def _write_header(sheet: Any, columns: Sequence[tuple[str, str | None]], head_format: Any) -> None:
    start = 0
    while start < len(columns):
        upper, lower = columns[start]
        stop = start + 1
        while lower is not None and stop < len(columns) and columns[stop][0] == upper:
            stop += 1
        if lower is None:
            sheet.merge_range(2, start, 3, start, upper, head_format)
        else:
            if stop - start > 1:
                sheet.merge_range(2, start, 2, stop - 1, upper, head_format)
            else:
                sheet.write_string(2, start, upper, head_format)
            for column in range(start, stop):
                sheet.write_string(3, column, columns[column][1], head_format)
        start = stop


def write_html(
    path: Path, title: str, intro: Sequence[str], header: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """A page with one table (thead and tbody), UTF-8; None becomes an empty cell."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(
            '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
            f"<title>{html.escape(title)}</title>\n</head>\n<body>\n<h1>{html.escape(title)}</h1>\n"
        )
        for paragraph in intro:
            file.write(f"<p>{html.escape(paragraph)}</p>\n")
        cells = "".join(f"<th>{html.escape(name)}</th>" for name in header)
        file.write(f'<table border="1">\n<thead>\n<tr>{cells}</tr>\n</thead>\n<tbody>\n')
        for row in rows:
            cells = "</td><td>".join("" if value is None else html.escape(str(value)) for value in row)
            file.write(f"<tr><td>{cells}</td></tr>\n")
        file.write("</tbody>\n</table>\n</body>\n</html>\n")
