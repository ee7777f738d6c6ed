"""Records of tables: what a layout finds in a grid, still as text. Nothing is cast here."""

from __future__ import annotations

import re
from collections import Counter
from itertools import accumulate

import polars as pl

from ingest.layout import Layout, LayoutError, Table
from ingest.normalise import NormaliseError
from ingest.normalise.units import unit_in_text
from ingest.parsers import prose
from ingest.parsers.found import LOCATOR, ROW, ROW_TEXT, Records, Unread
from ingest.privacy import PERSONAL
from ingest.readers import Grid


def find(grids: list[Grid], layout: Layout, file: str, located_by: str | None) -> Records:
    """The records of a file by its layout.

    Raises:
        LayoutError: a grid is missing, or a header is not the declared one; names file, sheet and cell.
    """
    if layout.prose:
        return prose.find(grids[0], layout.prose, file)
    found: list[Records] = []
    ends = accumulate(grid.frame.height for grid in grids)
    began = {id(grid): end - grid.frame.height for grid, end in zip(grids, ends, strict=True)}
    ignored = [g for g in grids if any(re.fullmatch(pattern, g.name) for pattern in layout.ignored_grids)]
    read = {id(grid) for grid in ignored}
    grids = [grid for grid in grids if id(grid) not in read]
    for table in layout.tables:
        matching = [grid for grid in grids if re.fullmatch(table.grid, grid.name)]
        if not matching:
            have = "、".join(grid.name or "(the file)" for grid in grids)
            raise LayoutError(f"{file}: expected a sheet or table named {table.grid!r}, found {have}")
        read |= {id(grid) for grid in matching}
        found += [
            _in_table(grid, began[id(grid)], table, layout.constants, file, located_by) for grid in matching
        ]
    if left := [grid for grid in grids if id(grid) not in read and grid.frame.height]:
        have = "、".join(grid.name for grid in left)
        raise LayoutError(
            f"{file}: the layout says nothing of {have}; expected every sheet or table declared"
        )
    furniture = Counter({"ignored sheet": sum(grid.frame.height for grid in ignored)})
    for records in found:
        furniture.update(records.furniture)
    return Records(
        pl.concat([records.frame for records in found], how="diagonal"),
        sum(records.rows_in for records in found) + furniture["ignored sheet"],
        +furniture,
        tuple(unread for records in found for unread in records.unread),
    )


def _in_table(
    grid: Grid, began: int, table: Table, constants: dict[str, str], file: str, located_by: str | None
) -> Records:
    letters = [name for name in grid.frame.columns if name != "row"]
    headers = _headers(grid, table, letters)
    _check_headers(headers, table, grid, file)
    letter_of = {header: letter for letter, header in headers.items()}
    text = pl.col(letters).str.strip_chars().fill_null("")
    first = pl.coalesce(pl.col(letters)).str.strip_chars_start()
    header_ends = max(*table.header_rows, table.unit_row or 0)
    why = pl.when(pl.col("row") <= header_ends).then(pl.lit("header"))
    why = why.when(pl.all_horizontal(text == "")).then(pl.lit("blank"))
    why = why.when(_starts_with(first, table.notes_begin)).then(pl.lit("note"))
    why = why.when(_starts_with(first, table.furniture)).then(pl.lit("declared"))
    for header_row in table.header_rows if table.repeated_header else ():
        same = [pl.col(letter).eq_missing(_cell(grid, header_row, letter)) for letter in letters]
        why = why.when(pl.all_horizontal(same)).then(pl.lit("header"))
    if table.measures:
        measured = [*table.measures, *(m.growth for m in table.measures.values() if m.growth)]
        empty = [pl.col(letter_of[header]).is_null() for header in measured]
        why = why.when(pl.all_horizontal(empty)).then(pl.lit("no figure"))
    rows = grid.frame.with_columns(pl.int_range(began, began + pl.len()).alias(ROW), why.alias("__why"))
    data = rows.filter(pl.col("__why").is_null())
    counted = rows.filter(pl.col("__why").is_not_null()).group_by("__why").len()
    furniture = dict(counted.iter_rows())

    row_text = pl.concat_str(pl.col(letters).fill_null(""), separator=" | ").alias(ROW_TEXT)
    whole_row = _address(grid, letters[0], letters[-1])
    unread: tuple[Unread, ...] = ()
    if bare := [letter for letter in letters if letter not in headers]:
        # the sign of a row that is longer than its header: each of its cells may stand under a wrong one
        beyond = pl.any_horizontal(pl.col(bare).str.strip_chars().fill_null("") != "")
        found = data.filter(beyond).select(ROW, whole_row.alias(LOCATOR), pl.coalesce(pl.col(bare)), row_text)
        reason, expected = "text under no header", f"a row of {len(headers)} cells, as the header has"
        unread = tuple(
            Unread(row, place, "row", text, reason, expected, printed)
            for row, place, text, printed in found.iter_rows()
        )
        data = data.filter(~beyond)
    common = [pl.col(letter_of[header]).alias(field) for header, field in table.columns.items()]
    common += [pl.lit(text).alias(field) for field, text in (constants | table.constants).items()]

    if not table.measures:
        by_field = {field: letter_of[header] for header, field in table.columns.items()}
        place = _address(grid, by_field[located_by]) if located_by in by_field else whole_row
        frame = data.select(*common, place.alias(LOCATOR), row_text, ROW)
        return Records(frame, rows.height, furniture, unread)

    frames = []
    for header, measure in table.measures.items():
        letter = letter_of[header]
        unit = measure.unit or _unit(grid, table, letter, header, file)
        growth = pl.col(letter_of[measure.growth]) if measure.growth else pl.lit(None, dtype=pl.String)
        printed = pl.col(letter).is_not_null() | growth.is_not_null()
        frames.append(
            data.filter(printed).select(
                *common,
                pl.lit(measure.indicator).alias("indicator"),
                pl.col(letter).alias("value"),
                pl.lit(unit, dtype=pl.String).alias("unit"),
                growth.alias("growth"),
                _address(grid, letter).alias(LOCATOR),
                row_text,
                ROW,
            )
        )
    return Records(pl.concat(frames), rows.height, furniture, unread)


def _starts_with(text: pl.Expr, beginnings: tuple[str, ...]) -> pl.Expr:
    return pl.any_horizontal(pl.lit(False), *(text.str.starts_with(word) for word in beginnings))


def _headers(grid: Grid, table: Table, letters: list[str]) -> dict[str, str]:
    """Header path of each column: the texts of its header rows, white space and repetitions removed, joined by "/"."""
    headers: dict[str, str] = {}
    for letter in letters:
        parts: list[str] = []
        for row in table.header_rows:
            text = "".join((_cell(grid, row, letter) or "").split())
            if text and text not in parts:
                parts.append(text)
        if parts:
            headers[letter] = "/".join(parts)
    return headers


def _check_headers(headers: dict[str, str], table: Table, grid: Grid, file: str) -> None:
    expected, found = table.headers, list(headers.values())
    missing = [header for header in expected if header not in found]
    unknown = [(letter, header) for letter, header in headers.items() if header not in expected]
    if not missing and not unknown and len(found) == len(set(found)):
        return
    row = table.header_rows[-1]
    where = f"{file}: the header of {grid.name or 'the table'} (row {row})"
    if PERSONAL in table.ignored.values() and not set(found) & set(expected):
        # no header at all: the first row may hold a person, whom no message may name
        raise LayoutError(f"{where} has none of the expected names\n  expected: {' | '.join(expected)}")
    lines = [f"{where} does not fit its layout"]
    lines += [f"  expected {header!r}, which is not there" for header in missing]
    lines += [
        f"  found {header!r} in cell {grid.locator(row, letter)}, which is not expected"
        for letter, header in unknown
    ]
    lines += [
        f"  found {header!r} more than once" for header in sorted({h for h in found if found.count(h) > 1})
    ]
    lines.append(f"  expected: {' | '.join(expected)}")
    lines.append(f"  found:    {' | '.join(found)}")
    raise LayoutError("\n".join(lines))


def _unit(grid: Grid, table: Table, letter: str, header: str, file: str) -> str | None:
    printed = _cell(grid, table.unit_row, letter) if table.unit_row else None
    try:
        return printed or unit_in_text(header)
    except NormaliseError as error:
        place = grid.locator(table.header_rows[-1], letter)
        raise LayoutError(f"{file}: the unit of {header!r} in cell {place}: {error}") from error


def _cell(grid: Grid, row: int, letter: str) -> str | None:
    cells = grid.frame.filter(pl.col("row") == row).get_column(letter)
    return cells[0] if len(cells) else None


def _address(grid: Grid, first: str, last: str | None = None) -> pl.Expr:
    row = pl.col("row").cast(pl.String)
    prefix = grid.locator(0, first).removesuffix("0")
    address = pl.lit(prefix) + row
    return address + pl.lit(f":{last}") + row if last and last != first else address
