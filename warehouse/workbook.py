"""A release as one workbook for a Chinese office: readable sheets, then marts as data, then the dictionary of their columns.

Native charts and conditional colours, so that who sorts or filters keeps them. Rows are streamed: a sheet of a million lines
needs no more memory than one of ten. Same release, same bytes.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from warehouse.charts import BLUE, COLOURS, MARKS, PALE, SYMBOLS, TINTS
from warehouse.engine import quote_name
from warehouse.papers import (
    COUNTED,
    DEMO_MARK,
    DEMO_WARNING,
    LEDGER,
    Column,
    Papers,
    Table,
)
from warehouse.progress import ORIGINS, STATUSES
from warehouse.reader import NULL, run_query
from warehouse.release import Release
from warehouse.spreadsheets import WORKBOOK_OPTIONS, cell_text, without_formula

#: a mart with more rows is left out unless asked for by name: an office opens this file on an old machine
ROWS_UNASKED = 5_000
#: Excel's own limit is 1,048,576 lines; what is longer goes on on a next sheet
ROWS_A_SHEET = 1_000_000
_CHUNK = 50_000
_FONT = "宋体"
_DEMO_GROUND = "#FFF4DC"
_BAR = "#BCDDF5"  # light: the figure stands on it


@dataclass(frozen=True)
class Sheet:
    """A line of the table of contents."""

    name: str
    title: str
    rows: int | None
    ranges: tuple[str, ...] = ()
    note: str = ""


def write_workbook(release: Release, path: Path, marts: Sequence[str] = ()) -> list[Sheet]:
    """Write the workbook; with `marts` only these, whatever their size, instead of all of moderate size.

    Every table is a defined name: the readable ones by their own name, marts as `mart_<name>`. A null is a dash in a
    readable table and an empty cell in a mart, never 0. Returns the contents.
    """
    import xlsxwriter

    papers = Papers(release)
    options = {"constant_memory": True, **WORKBOOK_OPTIONS}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties(
            {
                "title": f"{papers.head['title_zh']} 数据手册",
                "subject": f"数据截至 {papers.head['as_of']}",
                "author": "蓝账 Blue Ledger",
                "comments": f"版本号 {papers.head['release_id']}"
                + (f";{DEMO_WARNING}" if papers.demo else ""),
                "created": papers.head["built_at"].astimezone(UTC).replace(tzinfo=None),
            }
        )
        return _Writer(book, papers, tuple(marts)).write()


class _Writer:
    def __init__(self, book: Any, papers: Papers, marts: tuple[str, ...]) -> None:
        self.book, self.papers, self.marts = book, papers, marts
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def write(self) -> list[Sheet]:
        contents = self.book.add_worksheet("目录")
        listed = [self._readable(name, tables) for name, tables in self.papers.sheets]
        listed += self._marts()
        listed.append(self._dictionary())
        self._contents(contents, listed)
        contents.activate()
        return listed

    # ── formats ────────────────────────────────────────────────────────────────────────────────────────────────

    def _format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"font_name": _FONT, "font_size": 10} | properties)
        return self.formats[key]

    def _cell(self, number: str | None = None, **more: Any) -> Any:
        shape: dict[str, Any] = {"num_format": number} if number else {"text_wrap": True}
        return self._format(**{"border": 1, "border_color": PALE, "valign": "vcenter"} | more | shape)

    @property
    def _head(self) -> Any:
        return self._format(
            bold=True, bg_color="#DCE6F1", border=1, text_wrap=True, align="center", valign="vcenter"
        )

    # ── readable sheets ────────────────────────────────────────────────────────────────────────────────────────

    def _readable(self, name: str, tables: tuple[Table, ...]) -> Sheet:
        demo = any(table.demo for table in tables)
        sheet = self._sheet(name, demo)
        widest = max(tables, key=lambda table: len(table.columns))
        widths = [
            max(table.columns[at].width for table in tables if at < len(table.columns))
            for at in range(len(widest.columns))
        ]
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width)
        last = len(widest.columns) - 1
        line = self._title(sheet, tables[0].title if len(tables) == 1 else name, demo, last)
        frozen = 0
        places: dict[str, tuple[int, int]] = {}
        for table in tables:
            line, first = self._table(sheet, name, table, line, len(tables) > 1, widths)
            places[table.name] = (first, first + len(table.rows) - 1)
            frozen = frozen or first
            line += 1
        self._charts(sheet, name, tables, places, line)
        sheet.freeze_panes(frozen or line, 1)
        if len(tables) == 1:
            sheet.repeat_rows(frozen - 1)
        return Sheet(
            name,
            "、".join(table.title for table in tables),
            sum(len(table.rows) for table in tables),
            tuple(table.name for table in tables),
            DEMO_WARNING if demo else "",
        )

    def _sheet(self, name: str, demo: bool) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        banner = self.papers.head["banner"]
        mark = f'&"{_FONT},Bold"&14&K{COLOURS["red"][1:]}{DEMO_MARK}数据,不得对外引用' if demo else ""
        sheet.set_header(
            f"&L{f'方案:{banner}' if banner else ''}&C{mark}&R数据截至 {self.papers.head['as_of']}"
        )
        sheet.set_footer(f"&L版本号 {self.papers.head['release_id']}&C— &P / &N —&R&A")
        if demo:
            sheet.set_tab_color(COLOURS["yellow"])
        return sheet

    def _title(self, sheet: Any, title: str, demo: bool, last: int) -> int:
        """The title block; returns the line after it."""
        # merged across what is printed on one page; a lone cell would be cut off at its column
        across = max(last, 1)
        head = self._format(bold=True, font_size=16, align="center", valign="vcenter")
        sheet.merge_range(0, 0, 0, across, title, head)
        sheet.set_row(0, 28)
        line = 1
        for text in self.papers.lines:
            sheet.merge_range(line, 0, line, across, text, self._format(align="center", font_color="#555555"))
            line += 1
        if demo:
            mark = self._format(bold=True, align="center", font_color="#FFFFFF", bg_color=COLOURS["red"])
            sheet.merge_range(line, 0, line, across, f"【{DEMO_WARNING}】", mark)
            line += 1
        return line + 1

    def _table(
        self, sheet: Any, sheet_name: str, table: Table, line: int, titled: bool, widths: list[int]
    ) -> tuple[int, int]:
        """One table with its unit above and its notes below; returns the line after, and that of its first row."""
        if titled:
            sheet.write_string(line, 0, table.title, self._format(bold=True, font_size=12))
            line += 1
        if table.unit_zh:
            sheet.write_string(line, 0, f"单位:{table.unit_zh}", self._format(font_color="#555555"))
            line += 1
        sheet.set_row(
            line, _height((column.zh, width) for column, width in zip(table.columns, widths, strict=False))
        )
        for at, column in enumerate(table.columns):
            sheet.write_string(line, at, column.zh, self._head)
        first = line + 1
        for nth, row in enumerate(table.rows):
            # said here, because not every program finds out for itself how high a wrapped line is
            texts = (
                (str(row.get(column.name) or ""), width)
                for column, width in zip(table.columns, widths, strict=False)
            )
            sheet.set_row(first + nth, _height(texts))
            for at, column in enumerate(table.columns):
                self._write(sheet, first + nth, at, column, row)
        end = first + len(table.rows)
        if not table.rows:
            sheet.write_string(first, 0, table.empty, self._format(italic=True, font_color="#555555"))
            end += 1
        else:
            self._conditions(sheet, table, first, end - 1)
        last = len(table.columns) - 1
        self._name(table.name, sheet_name, line, 0, max(end - 1, line), last)
        for note in table.notes:
            sheet.write_string(end, 0, f"注:{note}", self._format(font_size=9, font_color="#555555"))
            end += 1
        return end, first

    def _write(self, sheet: Any, line: int, at: int, column: Column, row: dict[str, Any]) -> None:
        value = row.get(column.name)
        if value is None or value == "":
            look = self._cell(align="center" if column.kind != "text" else "left", font_color="#8C8C8C")
            sheet.write_string(line, at, NULL, look)
        elif column.kind in ("figure", "count", "ratio"):
            counted = column.kind == "count" or (row.get("unit_zh") in COUNTED and float(value).is_integer())
            number = "0.0%" if column.kind == "ratio" else "#,##0" if counted else "#,##0.00"
            sheet.write_number(line, at, float(value), self._cell(number))
        elif column.kind == "date":
            sheet.write_datetime(line, at, _day(value), self._cell("yyyy-mm-dd", align="center"))
        else:
            self._text(sheet, line, at, str(value))

    def _text(self, sheet: Any, line: int, at: int, text: str) -> None:
        """Text is text, whatever it begins with: also after somebody has edited the cell (quote prefix)."""
        look: dict[str, Any] = {"quote_prefix": True} if without_formula(text) != text else {}
        sheet.write_string(line, at, cell_text(text), self._cell(**look))

    def _conditions(self, sheet: Any, table: Table, first: int, last: int) -> None:
        """Colours by rule, so that they stay with their rows when somebody sorts."""
        import xlsxwriter.utility as places

        for at, column in enumerate(table.columns):
            letter = places.xl_col_to_name(at)
            if column.kind == "ratio":
                sheet.conditional_format(
                    first, at, last, at,
                    {"type": "data_bar", "bar_color": _BAR, "bar_solid": True, "min_type": "num", "min_value": 0,
                     "max_type": "num", "max_value": 2},
                )  # fmt: skip
            if column.kind == "status":
                seen = {str(row.get(column.name)): row["colour"] for row in table.rows if row.get("colour")}
                for text, colour in sorted(seen.items()):
                    rule = {
                        "type": "cell", "criteria": "==", "value": f'"{text}"',
                        "format": self.book.add_format({"bg_color": TINTS[colour], "bold": True}),
                    }  # fmt: skip
                    sheet.conditional_format(first, at, last, at, rule)
            if column.name in MARKS and column.kind == "count":
                rule = {
                    "type": "cell", "criteria": ">", "value": 0,
                    "format": self.book.add_format({"bg_color": TINTS[column.name], "bold": True}),
                }  # fmt: skip
                sheet.conditional_format(first, at, last, at, rule)
            if column.name == "origin":
                rule = {
                    "type": "formula", "criteria": f'=ISNUMBER(SEARCH("{DEMO_MARK}",${letter}{first + 1}))',
                    "format": self.book.add_format({"bg_color": _DEMO_GROUND}),
                }  # fmt: skip
                mark = rule | {"format": self.book.add_format({"font_color": COLOURS["red"], "bold": True})}
                sheet.conditional_format(first, at, last, at, mark)
                sheet.conditional_format(first, 0, last, len(table.columns) - 1, rule)

    def _name(self, name: str, sheet: str, top: int, left: int, bottom: int, right: int) -> None:
        import xlsxwriter.utility as places

        area = places.xl_range_abs(top, left, bottom, right)
        self.book.define_name(name, f"='{sheet}'!{area}")

    # ── charts ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _charts(
        self, sheet: Any, name: str, tables: tuple[Table, ...], places: dict[str, tuple[int, int]], line: int
    ) -> None:
        by_name = {table.name: table for table in tables}
        if name == "目标完成情况":
            table = by_name["targets"]
            top, bottom = places["targets"]
            colours = [{"fill": {"color": COLOURS[row["colour"]]}} for row in table.rows]
            self._bars(
                sheet, name, table, (top, bottom), line, label="target_id", value="ratio", points=colours,
                title="目标进度比(100%为应有进度;无柱者无进度比)",
            )  # fmt: skip
        elif name == "县市区":
            self._coverage_chart(sheet, name, by_name["digital_coverage_areas"], places, line)
        elif name == "工作台账" and by_name["ledger_bodies"].rows:
            self._ledger_chart(sheet, name, by_name["ledger_bodies"], places, line)

    def _bars(
        self, sheet: Any, name: str, table: Table, rows: tuple[int, int], line: int, *, label: str, value: str,
        title: str, points: list[dict[str, Any]] | None = None,
    ) -> None:  # fmt: skip
        chart = self.book.add_chart({"type": "column"})
        columns = [column.name for column in table.columns]
        chart.add_series(
            {
                "name": title,
                "categories": [name, rows[0], columns.index(label), rows[1], columns.index(label)],
                "values": [name, rows[0], columns.index(value), rows[1], columns.index(value)],
                "fill": {"color": BLUE},
                "gap": 60,
                **({"points": points} if points else {}),
            }
        )
        self._place(sheet, chart, title, table.demo, line, legend=False)

    def _coverage_chart(
        self, sheet: Any, name: str, table: Table, places: dict[str, tuple[int, int]], line: int
    ) -> None:
        known = [at for at, row in enumerate(table.rows) if row["value"] is not None]
        if not known:
            return
        top, columns = places[table.name][0], [column.name for column in table.columns]
        first, last = top + known[0], top + known[-1]
        chart = self.book.add_chart({"type": "column"})
        span: dict[str, Callable[[dict[str, Any]], float]] = {
            "up": (lambda row: row["high"] - row["value"]), "down": (lambda row: row["value"] - row["low"]),
        }  # fmt: skip
        rows = table.rows[known[0] : known[-1] + 1]
        errors = {side: [0 if row["value"] is None else of(row) for row in rows] for side, of in span.items()}
        chart.add_series(
            {
                "name": "覆盖率(%)",
                "categories": [name, first, columns.index("area"), last, columns.index("area")],
                "values": [name, first, columns.index("value"), last, columns.index("value")],
                "fill": {"color": BLUE},
                "gap": 60,
                "y_error_bars": {
                    "type": "custom", "plus_values": errors["up"], "minus_values": errors["down"],
                },
            }
        )  # fmt: skip
        title = "规上工业企业数字化转型覆盖率(%;细线为未评估企业带来的上下界)"
        self._place(sheet, chart, title, table.demo, line, legend=False)

    def _ledger_chart(
        self, sheet: Any, name: str, table: Table, places: dict[str, tuple[int, int]], line: int
    ) -> None:
        top, columns = places[table.name][0], [column.name for column in table.columns]
        last = top + len(table.rows) - 1
        chart = self.book.add_chart({"type": "column", "subtype": "stacked"})
        for code in ("red", "yellow", "green", "grey"):
            at = columns.index(code)
            chart.add_series(
                {
                    "name": [name, top - 1, at],
                    "categories": [name, top, columns.index("body"), last, columns.index("body")],
                    "values": [name, top, at, last, at],
                    "fill": {"color": COLOURS[code]},
                    "gap": 40,
                }
            )
        self._place(sheet, chart, f"{table.title}:各单位任务(项)", table.demo, line, legend=True)

    def _place(self, sheet: Any, chart: Any, title: str, demo: bool, line: int, legend: bool) -> None:
        mark = f"【{DEMO_MARK}数据】" if demo else ""
        font = {"name": _FONT, "size": 9}
        chart.set_title({"name": mark + title, "name_font": {"name": _FONT, "size": 12}, "overlay": False})
        chart.set_x_axis({"num_font": font | {"rotation": 0 if not legend else -45}})
        chart.set_y_axis({"num_font": font, "major_gridlines": {"visible": True, "line": {"color": PALE}}})
        key: dict[str, Any] = {"position": "top", "font": font} if legend else {"none": True}
        chart.set_legend(key)
        chart.show_blanks_as("gap")
        chart.set_size({"width": 1080, "height": 380})
        sheet.insert_chart(line + 1, 0, chart, {"description": mark + title})

    # ── marts ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _marts(self) -> list[Sheet]:
        release = self.papers.release
        tables = run_query(
            release, "select table_name, comment from duckdb_tables() where schema_name = 'main' order by 1"
        ).rows()
        described: dict[str, list[dict[str, Any]]] = {}
        for row in run_query(release, "select * from meta.columns order by table_name, position").to_dicts():
            described.setdefault(row["table_name"], []).append(row)
        # one question for all: opening a release takes longer than counting in it
        counted = " union all ".join(
            f"select '{name}' as mart, count(*) as every, {_demo_rows(described.get(name, []))} as demo"
            f" from {quote_name(name)}"
            for name, _ in tables
        )
        counts = {name: (every, demo) for name, every, demo in run_query(release, counted).rows()}
        listed = []
        for name, comment in tables:
            title = (comment or name).split(" | ")[0]
            rows, demo = counts[name]
            if self.marts and name not in self.marts:
                continue
            if not self.marts and rows > ROWS_UNASKED:
                how = f"共{rows:,}行,未列入;另取:blue-ledger export xlsx --mart {name} -o 文件"
                listed.append(Sheet("", f"{name}:{title}", rows, (), how))
                continue
            listed += self._mart(name, title, rows, bool(demo), described.get(name, []))
        return listed

    def _mart(
        self, name: str, title: str, rows: int, demo: bool, described: list[dict[str, Any]]
    ) -> list[Sheet]:
        columns = [row["column_name"] for row in described]
        parts = max(1, -(-rows // ROWS_A_SHEET))
        listed = []
        for part in range(parts):
            sheet_name = _sheet_name(name, part if parts > 1 else None)
            sheet = self._sheet(sheet_name, demo)
            numbered = f"(第{part + 1}部分,共{parts}部分)" if parts > 1 else ""
            line = self._title(sheet, title + numbered, demo, min(len(columns) - 1, 11))
            for at, about in enumerate(described):
                label = re.split("[:。]", about["description_zh"] or about["column_name"])[0]
                sheet.write_string(line, at, label, self._head)
                sheet.set_column(at, at, min(max(len(about["column_name"]) + 2, 2 * len(label) + 2, 10), 28))
            for at, column in enumerate(columns):
                sheet.write_string(line + 1, at, column, self._head)
            sheet.freeze_panes(line + 2, 1)
            sheet.repeat_rows(line, line + 1)
            at_line = line + 2
            for row in self._stream(name, columns, part):
                self._data(sheet, at_line, row, demo_at=columns.index("data_origin") if demo else None)
                at_line += 1
            if rows == 0:
                sheet.write_string(at_line, 0, "本表无记录", self._format(italic=True, font_color="#555555"))
            bottom = max(at_line - 1, line + 1)
            sheet.autofilter(line + 1, 0, bottom, len(columns) - 1)
            ranged = f"mart_{name}" + (f"_{part + 1}" if parts > 1 else "")
            self._name(ranged, sheet_name, line + 1, 0, bottom, len(columns) - 1)
            told = min(ROWS_A_SHEET, rows - part * ROWS_A_SHEET) if rows else 0
            listed.append(Sheet(sheet_name, f"{name}:{title}", told, (ranged,), DEMO_WARNING if demo else ""))
        return listed

    def _stream(self, name: str, columns: list[str], part: int) -> Iterator[tuple[Any, ...]]:
        names = ", ".join(quote_name(column) for column in columns)
        end = (part + 1) * ROWS_A_SHEET
        for start in range(part * ROWS_A_SHEET, end, _CHUNK):
            size = min(_CHUNK, end - start)
            chunk = run_query(
                self.papers.release, f"select {names} from {quote_name(name)} limit {size} offset {start}"
            )
            yield from chunk.iter_rows()
            if chunk.height < size:
                return

    def _data(self, sheet: Any, line: int, row: tuple[Any, ...], demo_at: int | None) -> None:
        is_demo = demo_at is not None and row[demo_at] == "demo"
        look = {"bg_color": _DEMO_GROUND} if is_demo else {}
        for at, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, bool):
                sheet.write_boolean(line, at, value, self._format(**look))
            elif isinstance(value, int | float) or type(value).__name__ == "Decimal":
                sheet.write_number(line, at, float(value), self._format(**look))
            elif isinstance(value, date):
                shape = "yyyy-mm-dd hh:mm:ss" if isinstance(value, datetime) else "yyyy-mm-dd"
                sheet.write_datetime(line, at, _day(value), self._format(num_format=shape, **look))
            else:
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
                quoted = {"quote_prefix": True} if without_formula(text) != text else {}
                sheet.write_string(line, at, cell_text(text), self._format(**look, **quoted))

    # ── dictionary and contents ────────────────────────────────────────────────────────────────────────────────

    def _dictionary(self) -> Sheet:
        rows = run_query(
            self.papers.release, "select * from meta.columns order by table_name, position"
        ).to_dicts()
        if self.marts:
            rows = [row for row in rows if row["table_name"] in self.marts]
        table = Table(
            "dictionary",
            "数据字典",
            (
                Column("table_name", "表", width=24),
                Column("column_name", "列", width=26),
                Column("data_type", "类型", width=11),
                Column("unit", "单位代码", width=11),
                Column("description_zh", "含义", width=60),
                Column("description_en", "英文含义", width=60),
                Column("formula", "算法", width=40),
                Column("key", "主键", width=7),
            ),
            tuple(row | {"key": "是" if row.get("is_key") else ""} for row in rows),
        )
        return self._readable("数据字典", (table,))

    def _contents(self, sheet: Any, listed: Iterable[Sheet]) -> None:
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C— &P / &N —")
        for at, width in enumerate((26, 62, 10, 40, 70)):
            sheet.set_column(at, at, width)
        line = self._title(
            sheet, f"{self.papers.head['city']}现代海洋特色产业集聚区 数据手册", self.papers.demo, 4
        )
        for at, text in enumerate(("工作表", "内容", "行数", "区域名称(可在名称框选取)", "说明")):
            sheet.write_string(line, at, text, self._head)
        sheet.freeze_panes(line + 1, 0)
        sheet.repeat_rows(line)
        link = self._cell(font_color=BLUE, underline=1)
        for nth, one in enumerate(listed, start=line + 1):
            if one.name:
                sheet.write_url(nth, 0, f"internal:'{one.name}'!A1", link, one.name)
            else:
                sheet.write_string(nth, 0, "(未列入)", self._cell(font_color="#8C8C8C"))
            self._text(sheet, nth, 1, one.title)
            sheet.write_number(nth, 2, one.rows or 0, self._cell("#,##0"))
            self._text(sheet, nth, 3, "、".join(one.ranges))
            self._text(sheet, nth, 4, one.note)
            line = nth
        origins = "、".join(f"{zh}({code})" for code, zh in ORIGINS.items())
        for text in (
            f"数据性质:{origins}。演示数据由程序合成,只供试用,不得对外引用。",
            "“—”或空格为未公布、未报送或不可计算,不是零;旁边的“说明”(reason)写明原因。",
            "状态:" + "  ".join(f"{SYMBOLS[code]} {zh}" for code, (zh, _) in STATUSES.items()),
            "台账状态:" + "、".join(LEDGER.values()) + "。",
            "每个数的来源单元格可用 blue-ledger trace 查到;表名以 mart_ 起头者为数据表,首行中文,次行列名。",
        ):
            line += 1
            sheet.write_string(line + 1, 0, text, self._format(font_size=9, font_color="#555555"))


def _height(texts: Iterable[tuple[str, int]]) -> float:
    """Points that a line of wrapped cells needs; widths are in characters, of which a Chinese one takes two."""
    lines = 1
    for text, width in texts:
        used = sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)
        lines = max(lines, -(-used // max(width - 1, 1)))
    return min(lines * 13.5 + 3, 400)


def _demo_rows(columns: list[dict[str, Any]]) -> str:
    has_origin = any(row["column_name"] == "data_origin" for row in columns)
    return "count(*) filter (where data_origin = 'demo')" if has_origin else "0"


def _day(value: date) -> date:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _sheet_name(mart: str, part: int | None) -> str:
    """At most 31 characters, as a workbook allows."""
    tail = "" if part is None else f"_{part + 1}"
    return mart[: 31 - len(tail)] + tail
