"""Records of tables: what a layout finds in a grid, still as text. Nothing is cast here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, groupby
from unicodedata import east_asian_width

import polars as pl

from ingest import layout as layouts
from ingest.layout import Flattened, Label, Labels, Layout, LayoutError, Table, fill, places
from ingest.normalise import NormaliseError
from ingest.normalise.typography import BRACKETS, cut_marks, squeeze
from ingest.normalise.units import unit_in_text
from ingest.parsers import prose
from ingest.parsers.cast import BARE_YI, DECIMAL_MARK, printed_as
from ingest.parsers.found import LOCATOR, ROW, ROW_TEXT, Records, Unread
from ingest.privacy import PERSONAL
from ingest.readers import Grid

#: columns of the rows at work: why a row holds no record, its grid's place, its first text, what its label stands for
_WHY, _PLACE, _FIRST, _NAME, _LAG = "__why", "__place", "__first", "__name", "__lag"
_BRACKETS = str.maketrans(BRACKETS)


def find(grids: list[Grid], layout: Layout, file: str, located_by: str | None) -> Records:
    """The records of a file by its layout.

    Raises:
        LayoutError: a grid is missing, a header is not the declared one, or a title does not tell what it should;
            names file, sheet and cell.
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
            nearest = _nearest(grids, layout)
            raise LayoutError(
                f"{file}: expected a sheet or table named {table.grid!r}, found {have}{nearest}"
            )
        read |= {id(grid) for grid in matching}
        for run in _runs(matching, table):
            found.append(_in_table(run, began, table, layout, file, located_by))
    if left := [grid for grid in grids if id(grid) not in read and grid.frame.height]:
        have = "、".join(grid.name for grid in left)
        raise LayoutError(
            f"{file}: the layout says nothing of {have}; expected every sheet or table declared"
        )
    furniture = Counter({"ignored sheet": sum(grid.frame.height for grid in ignored)})
    for records in found:
        furniture.update(records.furniture)
    frame = pl.concat([records.frame for records in found], how="diagonal")
    if layout.decimal_mark != ".":
        frame = frame.with_columns(pl.lit(layout.decimal_mark).alias(DECIMAL_MARK))
    if layout.bare_yi_is_money:
        frame = frame.with_columns(pl.lit(True).alias(BARE_YI))
    return Records(
        frame,
        sum(records.rows_in for records in found) + furniture["ignored sheet"],
        +furniture,
        tuple(unread for records in found for unread in records.unread),
        {name: headers for records in found for name, headers in records.headers.items()},
    )


# ── one table, on one grid or running on over several ────────────────────────────────────────────────────────────


def _runs(grids: list[Grid], table: Table) -> Iterable[list[Grid]]:
    """The grids of each table: one, or where tables run on, those up to the next title of another table."""
    if not table.continues:
        yield from ([grid] for grid in grids)
        return
    for _, same_file in groupby(grids, key=lambda grid: grid.member):
        run: list[Grid] = []
        title = None
        for grid in same_file:
            found = _title(grid, table)
            if run and found and found != title:
                yield run
                run = []
            if not run:
                title = found
            run.append(grid)
        yield run


@dataclass(frozen=True, eq=False)
class _OneCellALine(Grid):
    """A table put together from a text that prints it one cell a line; its addresses are those of the lines."""

    first_line: int = 1
    cells: int = 1  # of a row

    def locator(self, row: int, column: str) -> str:
        letters = [name for name in self.frame.columns if name != "row"]
        return super().locator(self.first_line + (row - 1) * self.cells + letters.index(column), "A")


def _in_table(
    run: list[Grid], began: dict[int, int], table: Table, layout: Layout, file: str, located_by: str | None
) -> Records:
    repeated = sum(grid.repeated for grid in run)
    rows_in = sum(grid.frame.height for grid in run) - repeated
    starts = [began[id(grid)] for grid in run]
    furniture: Counter[str] = Counter()
    if table.flattened:
        put_together = [_put_together(grid, table.flattened, file) for grid in run]
        run = [grid for grid, _ in put_together]
        furniture = sum((beside for _, beside in put_together), furniture)
    first = run[0]
    letters = [name for name in first.frame.columns if name != "row"]
    told = _told(first, table, file)
    try:
        table = _filled(table, told)
    except LayoutError as error:
        raise LayoutError(f"{file}: {first.name or 'the table'}: {error}") from error
    headers = _headers(first, table, letters)
    _check_headers(headers, table, layout, first, file)
    printed_headers = {_place(first): tuple(headers.values())}
    letter_of = {header: letter for letter, header in headers.items()}

    parts = []
    for grid, start in zip(run, starts, strict=True):
        head_ends = _head_ends(grid, first, table, letters, file)
        parts.append(_rows(grid, start, table, first, letters, head_ends))
    rows = pl.concat(parts) if len(parts) > 1 else parts[0]
    if table.continues or table.groups:
        rows = _alone(rows, table, letters)
    if table.labels:
        rows = _labelled(rows, table.labels, letter_of[table.labels.header])
    if table.measures:
        measured = [*table.measures, *(m.growth for m in table.measures.values() if m.growth)]
        empty = pl.all_horizontal(_text(letter_of[header]) == "" for header in measured)
        rows = rows.with_columns(
            pl.when(pl.col(_WHY).is_null() & empty).then(pl.lit("no figure")).otherwise(_WHY).alias(_WHY)
        )
    data = rows.filter(pl.col(_WHY).is_null())
    furniture.update(dict(rows.filter(pl.col(_WHY).is_not_null()).group_by(_WHY).len().iter_rows()))
    furniture["header"] -= repeated

    def at(letter: str, last: str | None = None) -> pl.Expr:
        """Address of the cell in a row, or of the cells from one to another."""
        if table.flattened:
            line = 1 + pl.col(ROW) - starts[0]
            first_cell = (line + letters.index(letter)).cast(pl.String)
            to = pl.lit(":A") + (line + letters.index(last)).cast(pl.String) if last else pl.lit("")
            return pl.col(_PLACE) + pl.lit("A") + first_cell + to
        row = pl.col("row").cast(pl.String)
        cell = pl.col(_PLACE) + pl.lit(letter) + row
        return cell + pl.lit(f":{last}") + row if last and last != letter else cell

    row_text = pl.concat_str(pl.col(letters).fill_null(""), separator=" | ").alias(ROW_TEXT)
    whole_row = at(letters[0], letters[-1])
    unread: tuple[Unread, ...] = ()
    if bare := [letter for letter in letters if letter not in headers]:
        # the sign of a row that is longer than its header: each of its cells may stand under a wrong one
        beyond = pl.any_horizontal(_text(letter) != "" for letter in bare)
        text = pl.coalesce(_or_null(letter) for letter in bare)
        longer = data.filter(beyond).select(ROW, whole_row.alias(LOCATOR), text.alias("text"), row_text)
        reason, expected = "text under no header", f"a row of {len(headers)} cells, as the header has"
        unread = tuple(
            Unread(row, place, "row", text, reason, expected, printed)
            for row, place, text, printed in longer.iter_rows()
        )
        data = data.filter(~beyond)

    common = [pl.col(letter_of[header]).alias(field) for header, field in table.columns.items()]
    common += [
        pl.lit(fill(text, told)).alias(field) for field, text in (layout.constants | table.constants).items()
    ]
    common += [pl.col(f"__{field}").alias(field) for field in table.grouped]
    if table.labels:
        field = table.columns[table.labels.header]
        common[list(table.columns).index(table.labels.header)] = pl.col(_NAME).alias(field)
        common.append(pl.col(letter_of[table.labels.header]).alias(printed_as(field)))

    if not table.measures:
        by_field = {field: letter_of[header] for header, field in table.columns.items()}
        place = at(by_field[located_by]) if located_by in by_field else whole_row
        frame = data.select(*common, place.alias(LOCATOR), row_text, ROW)
        return Records(frame, rows_in, furniture, unread, printed_headers)

    unit_above = _unit_above(first, table, file)
    unit_printed = next((letter_of[h] for h, field in table.columns.items() if field == "unit"), None)
    frames = []
    for header, measure in table.measures.items():
        letter = letter_of[header]
        unit = pl.lit(measure.unit or _unit(first, table, letter, header, file) or unit_above, pl.String)
        if unit_printed:
            unit = pl.coalesce(_or_null(unit_printed), unit)
        growth = letter_of[measure.growth] if measure.growth else None
        printed = _text(letter) != ""
        if growth is not None:
            printed |= _text(growth) != ""
        value = {
            "value": pl.col(letter),
            "unit": unit,
            **({"growth": pl.col(growth)} if growth is not None else {}),
            **{field: _by_lag(text, told, table) for field, text in measure.constants.items()},
        }
        own = [expression.alias(field) for field, expression in value.items()]
        kept = [column for column in common if column.meta.output_name() not in value]
        frames.append(data.filter(printed).select(*kept, *own, at(letter).alias(LOCATOR), row_text, ROW))
    return Records(pl.concat(frames, how="diagonal"), rows_in, furniture, unread, printed_headers)


def _put_together(grid: Grid, flattened: Flattened, file: str) -> tuple[Grid, Counter[str]]:
    """The table that a text prints one cell a line; counted beside it are the lines that begin no row of it.

    Raises:
        LayoutError: the table does not begin where it should, or its lines make no whole rows.
    """
    lines = [(text or "").strip() for text in grid.frame.get_column("A")] if grid.frame.width > 1 else []
    if flattened.first_header not in lines:
        raise LayoutError(
            f"{file}: expected a line {flattened.first_header!r}, at which the table begins; none of {len(lines)} is"
        )
    begins, until = lines.index(flattened.first_header), flattened.until
    ends = next((i for i in range(begins, len(lines)) if until and re.search(until, lines[i])), len(lines))
    while not lines[ends - 1]:
        ends -= 1
    cells, wide = lines[begins:ends], flattened.cells
    if len(cells) % wide:
        raise LayoutError(
            f"{file}: lines {begins + 1} to {ends} hold {len(cells)} cells; expected rows of {wide}, so {wide} cells "
            "or a multiple"
        )
    rows = [cells[i : i + wide] for i in range(0, len(cells), wide)]
    frame = Grid.of(grid.name, rows).frame
    furniture = Counter("beside the table" if line else "blank" for line in lines[:begins] + lines[ends:])
    furniture["further cell of a row"] = len(cells) - len(rows)
    table = _OneCellALine(grid.name, frame, grid.notes, grid.member, first_line=begins + 1, cells=wide)
    return table, furniture


def _rows(
    grid: Grid, start: int, table: Table, first_grid: Grid, letters: list[str], head_ends: int
) -> pl.DataFrame:
    """A grid's rows with their number in the file, its place, their first text, and why a row holds no record as far
    as the row itself tells; null where it may hold one.
    """
    first = pl.col(_FIRST)
    why = (
        pl.when(pl.col("row") <= head_ends)
        .then(pl.lit("header"))
        .when(first.is_null())
        .then(pl.lit("blank"))
        .when(_starts_with(first, table.notes_begin))
        .then(pl.lit("note"))
        .when(_starts_with(first, table.furniture))
        .then(pl.lit("declared"))
    )
    if table.repeated_header or table.continues:
        for row in range(min(table.header_rows), table.head_rows + 1):
            printed = _cells(first_grid, row)
            same = [pl.col(letter).eq_missing(printed.get(letter)) for letter in letters]
            why = why.when(pl.all_horizontal(same)).then(pl.lit("header"))
    number = start + pl.int_range(pl.len(), dtype=pl.Int64)
    if isinstance(grid, _OneCellALine):
        number = start + grid.first_line - 1 + (pl.col("row").cast(pl.Int64) - 1) * grid.cells
    printed_first = grid.frame.select(pl.coalesce(letters).str.strip_chars()).to_series()
    if (printed_first == "").any():  # a cell of white space stands before the first text
        printed_first = grid.frame.select(pl.coalesce(_or_null(letter) for letter in letters)).to_series()
    rows = grid.frame.with_columns(
        printed_first.alias(_FIRST),
        pl.lit(_place(grid) + "!").alias(_PLACE),
        number.alias(ROW),
    ).with_columns(why.alias(_WHY))
    if table.footer_begins:
        begun = (pl.col(_WHY).is_null() & _starts_with(first, table.footer_begins)).cast(
            pl.Int8
        ).cum_max() == 1
        rows = rows.with_columns(pl.when(begun).then(pl.lit("footer")).otherwise(_WHY).alias(_WHY))
    return rows


def _head_ends(grid: Grid, first: Grid, table: Table, letters: list[str], file: str) -> int:
    """The row at which a grid's header ends; 0 on one that runs on without printing it.

    Raises:
        LayoutError: the grid prints no header and has not as many columns as the one that it continues.
    """
    ends = table.head_rows
    if grid is first:
        return ends
    begins = min(table.header_rows)
    expected = [_squeezed(first, row, letters) for row in table.header_rows]
    own = [name for name in grid.frame.columns if name != "row"]
    for shift in range(1 - begins, ends):
        if [_squeezed(grid, row + shift, own) for row in table.header_rows] == expected:
            return ends + shift
    if own != letters:
        raise LayoutError(
            f"{file}: {grid.name or 'the table'} has {len(own)} columns and not the header of "
            f"{first.name or 'the table'}, which it continues; expected its {len(letters)} columns"
        )
    return 0


def _alone(rows: pl.DataFrame, table: Table, letters: list[str]) -> pl.DataFrame:
    """Rows of one text, be it repeated over merged cells: marks of the page, and those that head the rows below them.

    What a row that heads others says is carried down, a column per field.
    """
    undecided = rows.with_row_index("__i").filter(pl.col(_WHY).is_null())
    for (
        letter
    ) in letters:  # one after another: the second column already tells of most rows that they are not
        undecided = undecided.filter((_text(letter) == "") | (_text(letter) == pl.col(_FIRST)))
    why = rows[_WHY].to_list()
    said: dict[str, str] = {}
    changes: dict[int, dict[str, str]] = {}
    for i, text in undecided.select("__i", _FIRST).iter_rows():
        if table.continues and re.fullmatch(table.page_marks, text):
            why[i] = "page mark"
        elif table.groups and (found := re.search(table.groups, text)):
            why[i] = "group"
            said = said | {field: part for field, part in found.groupdict().items() if part}
            changes[i] = said
    columns = [
        pl.Series(f"__{field}", [changes.get(i, {}).get(field) for i in range(rows.height)], pl.String)
        for field in table.grouped
    ]
    return rows.with_columns(
        pl.Series(_WHY, why, pl.String), *(c.fill_null(strategy="forward") for c in columns)
    )


def _labelled(rows: pl.DataFrame, labels: Labels, letter: str) -> pl.DataFrame:
    """What each row's label is looked up as, and its lag; rows whose label is ignored are marked as not kept."""
    names = {_label_key(label): name for label, name in labels.names.items()}
    ignored = {_label_key(label) for label in labels.ignored_rows}
    why = rows[_WHY].to_list()
    looked_up: list[str | None] = [None] * rows.height
    lags = [0] * rows.height
    parents: list[str] = []
    for i, printed in enumerate(rows.get_column(letter)):
        if why[i] is not None or not (printed and printed.strip()):
            continue
        depth, label = _depth(printed, labels)
        parents = [*parents[:depth], label]
        path = "/".join(parents) if labels.by_path else label
        found = names.get(path, path)
        looked_up[i], lags[i] = (found.name, found.lag_months) if isinstance(found, Label) else (found, 0)
        if path in ignored:
            why[i] = "not kept"
    return rows.with_columns(
        pl.Series(_WHY, why, pl.String),
        pl.Series(_NAME, looked_up, pl.String),
        pl.Series(_LAG, lags, pl.Int64),
    )


def _depth(printed: str, labels: Labels) -> tuple[int, str]:
    """How deep a label stands (0, 1 or 2), and its text without footnote marks, padding and what makes it a child."""
    marks = {**dict.fromkeys(labels.children, 1), **dict.fromkeys(labels.grandchildren, 2)}
    longest_first = sorted(marks, key=len, reverse=True)
    depth, text, rest = 0, "", printed
    while rest != text:
        text = rest
        for mark in longest_first:
            # a mark may be white space itself: "　　工业"
            begins = text if text.startswith(mark) else text.lstrip()
            if begins.startswith(mark):
                depth, rest = max(depth, marks[mark]), begins[len(mark) :]
                break
    return depth, _label_key(text)


def _label_key(text: str) -> str:
    return squeeze(cut_marks(text)[0]).translate(_BRACKETS)


# ── header, title, units ─────────────────────────────────────────────────────────────────────────────────────────


def _title(grid: Grid, table: Table) -> dict[str, str] | None:
    """What the grid's title tells; None where the table has none, or this grid prints none."""
    if not table.title:
        return None
    return table.title.of(_row_text(grid, table.title.row))


def _told(grid: Grid, table: Table, file: str) -> dict[str, str]:
    """What the title and the file's name tell.

    Raises:
        LayoutError: one does not tell all that it should; names the cell and its text.
    """
    told: dict[str, str] = {}
    if table.title:
        row = table.title.row
        said = _title(grid, table)
        if said is None:
            raise LayoutError(
                f"{file}: the title in cell {grid.locator(row, 'A')} is {_quoted(grid, row, table)}; "
                f"expected one such as {table.title.such_as!r}"
            )
        told |= said
    if table.file_name:
        named = table.file_name.of(file)
        if named is None:
            raise LayoutError(
                f"{file}: expected a file name such as {table.file_name.such_as!r}; rename the file"
            )
        told |= named
    return told


def _filled(table: Table, told: dict[str, str]) -> Table:
    """The table with the {places} of its headers filled."""
    if not any(places(header) for header in table.headers):
        return table
    measures = {
        fill(header, told): m.model_copy(update={"growth": m.growth and fill(m.growth, told)})
        for header, m in table.measures.items()
    }
    labels = table.labels and table.labels.model_copy(update={"header": fill(table.labels.header, told)})
    columns = {fill(header, told): field for header, field in table.columns.items()}
    ignored = {fill(header, told): why for header, why in table.ignored.items()}
    return table.model_copy(
        update={"columns": columns, "measures": measures, "labels": labels, "ignored": ignored}
    )


def _by_lag(text: str, told: dict[str, str], table: Table) -> pl.Expr:
    """The text with its {places} filled, for each row by the months that its label lags behind the title."""
    if not table.labels or not places(text):
        return pl.lit(fill(text, told))
    lags = {0} | {n.lag_months for n in table.labels.names.values() if isinstance(n, Label)}
    filled = {lag: fill(text, _earlier(told, lag)) for lag in sorted(lags)}
    return pl.col(_LAG).replace_strict(list(filled), list(filled.values()), return_dtype=pl.String)


def _earlier(told: dict[str, str], months: int) -> dict[str, str]:
    """What a title of so many months earlier would tell."""
    if not months or not {"year", "month"} <= told.keys():
        return told
    year, month = divmod(int(told["year"]) * 12 + int(told["month"]) - 1 - months, 12)
    return told | {"year": str(year), "month": str(month + 1)}


def _headers(grid: Grid, table: Table, letters: list[str]) -> dict[str, str]:
    """Header path of each column: the texts of its header rows, white space and repetitions removed, joined by "/".

    Where the table declares them, the second column of a name is "name@2", and the first without any is "".
    """
    headers: dict[str, str] = {}
    levels = [_squeezed(grid, row, letters) for row in table.header_rows]
    times: Counter[str] = Counter()  # a header of thousands of columns is not gone through for each of them
    for letter, *texts in zip(letters, *levels, strict=True):
        path = "/".join(dict.fromkeys(filter(None, texts)))
        nth = f"{path}@{times[path] + 1}"
        if path and nth in table.headers:
            headers[letter] = nth
        elif path or ("" in table.headers and not times[""]):
            headers[letter] = path
            times[path] += 1
    return headers


def _check_headers(headers: dict[str, str], table: Table, layout: Layout, grid: Grid, file: str) -> None:
    expected, found = table.headers, list(headers.values())
    missing = [header for header in expected if header not in found]
    unknown = [(letter, header) for letter, header in headers.items() if header not in expected]
    if not missing and not unknown and len(found) == len(set(found)):
        return
    row = table.header_rows[-1]
    where = f"{file}: the header of {grid.name or 'the table'} (row {row})"
    nearest = _nearest([grid], layout)
    if PERSONAL in table.ignored.values() and not set(found) & set(expected):
        # no header at all: the first row may hold a person, whom no message may name
        raise LayoutError(
            f"{where} has none of the expected names\n  expected: {' | '.join(expected)}{nearest}"
        )
    lines, odd = [f"{where} does not fit its layout"], len(unknown)
    unknown = unknown[:_SHOWN_HEADERS]  # a table of ten thousand other columns is told of in a page
    lines += [f"  expected {header!r}, which is not there" for header in missing]
    lines += [
        f"  found {_short(header)!r} in cell {grid.locator(row, letter)}, which is not expected"
        for letter, header in unknown
    ]
    if odd > len(unknown):
        lines.append(f"  and {odd - len(unknown):,} more columns that are not expected")
    twice = sorted(header for header, times in Counter(found).items() if times > 1)
    lines += [f"  found {_short(header)!r} more than once" for header in twice[:_SHOWN_HEADERS]]
    # what is missing stands beside what is not expected, in the order of both: often one is the other renamed
    instead = iter(missing)
    beside = [
        (header if header in expected else next(instead, "—"), _short(header), grid.locator(row, letter))
        for letter, header in list(headers.items())[: 2 * _SHOWN_HEADERS]
    ]
    beside += [(header, "—", "") for header in instead]
    lines += _aligned([("expected", "found", "cell"), *beside])
    raise LayoutError("\n".join(lines) + nearest)


#: columns of a header that a message names one by one, and characters of a name that it repeats
_SHOWN_HEADERS, _SHOWN_CHARS = 20, 80
#: a wider header is no other layout's either, and comparing it with all of them would take minutes
_COMPARED_COLUMNS = 1_000


def _short(header: str) -> str:
    return header if len(header) <= _SHOWN_CHARS else header[: _SHOWN_CHARS - 1] + "…"


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Lines of columns as wide as their widest text; a Chinese character is two wide."""

    def width(text: str) -> int:
        return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)

    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(t + " " * (w - width(t)) for t, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _nearest(grids: list[Grid], layout: Layout) -> str:
    """The other layouts of the dataset that fit better than not, the nearest first, to be added to a message."""
    shares: list[tuple[float, str]] = []
    for name, other in layouts.of_dataset(layout.dataset).items():
        if other.tables == layout.tables:
            continue
        fits = [_fit(grid, table) for table in other.tables if not table.flattened for grid in grids]
        fitting, of = max(fits, key=lambda fit: fit[0] / fit[1], default=(0, 1))
        if fitting * 2 >= of:
            shares.append((-fitting / of, f"layout {name} fits {fitting} of {of} headers"))
    return "".join(f"\n  {text}" for _, text in sorted(shares)[:3])


def _fit(grid: Grid, table: Table) -> tuple[int, int]:
    """How many of a table's headers a grid has, and how many there are; {places} fit any text."""
    letters = [name for name in grid.frame.columns if name != "row"]
    if len(letters) > _COMPARED_COLUMNS:
        return 0, len(table.headers)
    found = {header for header in _headers(grid, table, letters).values() if len(header) <= 10 * _SHOWN_CHARS}
    patterns = [re.sub(r"\\\{.*?\\\}", ".+", re.escape(header)) for header in table.headers]
    return sum(any(re.fullmatch(p, header) for header in found) for p in patterns), len(patterns)


def _unit(grid: Grid, table: Table, letter: str, header: str, file: str) -> str | None:
    printed = _cells(grid, table.unit_row).get(letter) if table.unit_row else None
    try:
        return printed or unit_in_text(header)
    except NormaliseError as error:
        place = grid.locator(table.header_rows[-1], letter)
        raise LayoutError(f"{file}: the unit of {header!r} in cell {place}: {error}") from error


def _unit_above(grid: Grid, table: Table, file: str) -> str | None:
    """The unit that a row above the header states for all measures (单位:亿元).

    Raises:
        LayoutError: it is declared and not there; names the rows and what they say.
    """
    if table.unit_in is None:
        return None
    asked = table.unit_in  # the row, or what the unit stands in
    rows = [asked] if isinstance(asked, int) else list(range(1, min(table.header_rows)))
    texts = [_row_text(grid, row) for row in rows]
    try:
        if isinstance(asked, int):
            unit = unit_in_text(texts[0])
        else:
            unit = next((found["unit"] for text in texts if (found := re.search(asked, text))), None)
    except NormaliseError as error:
        raise LayoutError(f"{file}: the unit in row {table.unit_in} of {grid.name}: {error}") from error
    if not unit:
        said = "; ".join(f"row {row}: {_quoted(grid, row, table)}" for row in rows)
        raise LayoutError(
            f"{file}: {grid.name or 'the table'}: expected the unit of all figures, such as 单位:亿元, in {said}"
        )
    return unit


# ── cells ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _text(letter: str) -> pl.Expr:
    return pl.col(letter).str.strip_chars().fill_null("")


def _or_null(letter: str) -> pl.Expr:
    """A cell's text as printed but for white space around it; null where there is none."""
    return pl.when(_text(letter) != "").then(_text(letter))


def _place(grid: Grid) -> str:
    """A grid's name, with the file's that it stands in where that is in an archive."""
    return grid.locator(1, "A").rpartition("!")[0]


def _starts_with(text: pl.Expr, beginnings: tuple[str, ...]) -> pl.Expr:
    return pl.any_horizontal(pl.lit(False), *(text.str.starts_with(word) for word in beginnings))


def _row_text(grid: Grid, row: int) -> str:
    """The texts of a row, those of merged cells once."""
    return "".join(dict.fromkeys(text for text in _cells(grid, row).values() if text)).strip()


def _quoted(grid: Grid, row: int, table: Table) -> str:
    """A row's text for a message; not where a row in the place of a title may hold a person."""
    return "'…'" if PERSONAL in table.ignored.values() else repr(_row_text(grid, row))


def _squeezed(grid: Grid, row: int, letters: list[str]) -> list[str]:
    cells = _cells(grid, row)
    return ["".join((cells.get(letter) or "").split()) for letter in letters]


def _cells(grid: Grid, row: int) -> dict[str, str | None]:
    """The cells of a row by their letters; none where the grid has no such row."""
    found = grid.frame.head(row).filter(pl.col("row") == row).drop("row")  # rows are numbered upwards from 1
    return dict(zip(found.columns, found.row(0), strict=True)) if found.height else {}
