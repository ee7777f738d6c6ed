"""Quarantine: what could not be placed in the documents of the last night, in a form to send back to whoever handed it in.

The rows themselves lie in quarantine/<dataset>/, put there while parsing; index.json says which of them are of today.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from ingest.catalogue import Source
from ingest.landing import write_json
from ingest.parse import REJECTION
from ingest.phrasebook import field_name, in_chinese
from ingest.snapshots import Snapshot, SnapshotStore
from ingest.spreadsheets import WORKBOOK_OPTIONS

INDEX = "index.json"
ORIGINS_ZH = {"published": "公布", "submitted": "报送", "demo": "演示"}
_HEADER = ("序号", "文件", "位置", "项目", "填报内容", "问题", "应当是", "整行内容", "更正")
_WIDTHS = (6, 26, 20, 14, 22, 38, 38, 48, 22)
#: what a spreadsheet program takes in one sheet, the header apart, and in one cell
_MAX_ROWS = 1_048_575
_MAX_CELL_CHARS = 32_767


@dataclass(frozen=True)
class Entry:
    """One document of the last night: what became of its input rows, and where those lie that could not be placed.

    state: in use, set aside (an accepted document that a newer one replaced) or refused. file: below quarantine/.
    """

    source_id: str
    title_zh: str
    publisher_zh: str
    data_origin: str
    document: str
    retrieved_at: str
    state: str
    refusals: tuple[str, ...]
    rows_in: int
    rows_raw: int
    rows_quarantined: int
    rows_furniture: int
    file: str | None


def entry(
    source: Source, snapshot: Snapshot, state: str, refusals: Sequence[str], store: SnapshotStore
) -> Entry:
    file = store.rejected_file(snapshot)
    return Entry(
        source_id=source.id,
        title_zh=source.title_zh,
        publisher_zh=source.publisher_zh,
        data_origin=source.data_origin,
        document=snapshot.document,
        retrieved_at=snapshot.retrieved_at,
        state=state,
        refusals=tuple(refusals),
        rows_in=snapshot.rows_in,
        rows_raw=snapshot.rows_raw,
        rows_quarantined=snapshot.rows_quarantined,
        rows_furniture=sum(snapshot.furniture.values()),
        file=str(file.relative_to(store.quarantine)) if snapshot.rejected else None,
    )


def write_index(quarantine: Path, entries: Iterable[Entry]) -> None:
    """Say which documents the night looked at; readers of the quarantine see these and no older ones."""
    write_json(quarantine / INDEX, [asdict(entry) for entry in entries])


def read_index(quarantine: Path) -> list[Entry] | None:
    """The documents of the last night; None where there was none yet."""
    path = quarantine / INDEX
    if not path.exists():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    return [Entry(**item | {"refusals": tuple(item["refusals"])}) for item in content]


def rejections(quarantine: Path, entries: Iterable[Entry]) -> pl.DataFrame:
    """Every fault of every row in quarantine, those of a row together: one line per row and field."""
    frames = [pl.read_parquet(quarantine / entry.file) for entry in entries if entry.file]
    told = pl.concat([pl.DataFrame(schema=REJECTION), *frames]).with_row_index("nth")
    first = pl.col("nth").min().over("source_id", "source_sha256", "source_locator")
    return told.sort("source_id", "document", first, "nth").drop("nth")


def write_workbook(path: Path, quarantine: Path, entries: Sequence[Entry]) -> int:
    """A workbook in Chinese: a sheet that sums up, then one per source with its rejected rows and room for their correction.

    Returns the number of faults told of; a row may have several. Where a layout prints persons, no text was kept.
    """
    told = 0
    with xlsxwriter.Workbook(path, WORKBOOK_OPTIONS) as book:
        cell = {"text_wrap": True, "valign": "top", "border": 1, "num_format": "@"}
        head = {"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "vcenter"}
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format(head),
            "cell": book.add_format(cell),
            "open": book.add_format(cell | {"bg_color": "#FFF8DC"}),
        }
        _summary(book, styles, entries)
        names: set[str] = {"汇总"}
        for source_id in dict.fromkeys(entry.source_id for entry in entries):
            mine = [entry for entry in entries if entry.source_id == source_id]
            rows = rejections(quarantine, mine)
            refused = [(entry, refusal) for entry in mine for refusal in entry.refusals]
            if rows.height or refused:
                told += _sheet(book, styles, _sheet_name(mine[0].title_zh, names), mine[0], rows, refused)
    return told


def _summary(book: xlsxwriter.Workbook, styles: dict[str, Any], entries: Sequence[Entry]) -> None:
    sheet = book.add_worksheet("汇总")
    sheet.write(0, 0, "退回数据汇总", styles["title"])
    sheet.write(
        1,
        0,
        "每一行输入都有去处:总行数 = 采用 + 退回 + 说明性行(表头、空行、注释等)。请在各表“更正”栏填写后重新报送。",
    )
    header = (
        "来源",
        "报送(公布)单位",
        "数据性质",
        "文件",
        "收到时间(UTC)",
        "处理",
        "总行数",
        "采用",
        "退回",
        "说明性行",
    )
    for column, (text, width) in enumerate(
        zip(header, (34, 30, 10, 30, 26, 10, 10, 10, 10, 10), strict=True)
    ):
        sheet.write(3, column, text, styles["head"])
        sheet.set_column(column, column, width)
    states = {"in use": "采用", "refused": "整份退回", "set aside": "已有新版"}
    for line, entry in enumerate(entries, start=4):
        values = (
            entry.title_zh, entry.publisher_zh, ORIGINS_ZH[entry.data_origin], entry.document, entry.retrieved_at,
            states[entry.state], entry.rows_in, entry.rows_raw, entry.rows_quarantined, entry.rows_furniture,
        )  # fmt: skip
        for column, value in enumerate(values):
            sheet.write(line, column, value, styles["cell"])
    sheet.freeze_panes(4, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _sheet(
    book: xlsxwriter.Workbook,
    styles: dict[str, Any],
    name: str,
    about: Entry,
    rows: pl.DataFrame,
    refused: list[tuple[Entry, str]],
) -> int:
    sheet = book.add_worksheet(name)
    demo = "【演示数据】" if about.data_origin == "demo" else ""
    sheet.write(0, 0, f"{demo}{about.title_zh}:未能采用的行", styles["title"])
    sheet.write(1, 0, f"报送(公布)单位:{about.publisher_zh}")
    if rows["row_text"].null_count():
        sheet.write(2, 0, "该表含个人信息,退回的行不保留原文,请按“位置”在原文件中查看。")
    for column, (text, width) in enumerate(zip(_HEADER, _WIDTHS, strict=True)):
        sheet.write(3, column, text, styles["head"])
        sheet.set_column(column, column, width)
    lines = [(entry.document, "整份文件", "", "", in_chinese(refusal), "", "") for entry, refusal in refused]
    told = ("document", "source_locator", "field", "value_text", "reason", "expected", "row_text")
    lines += [
        (document, place, field_name(field), text, in_chinese(reason), in_chinese(expected), row)
        for document, place, field, text, reason, expected, row in rows.select(told)
        .head(_MAX_ROWS - 10)
        .iter_rows()
    ]
    for nth, line in enumerate(lines, start=1):
        cells: tuple[str | int | None, ...] = (nth, *line)
        for column, value in enumerate(cells):
            sheet.write(3 + nth, column, _cell(value), styles["cell"])
        sheet.write_blank(3 + nth, len(line) + 1, None, styles["open"])
    sheet.freeze_panes(4, 0)
    sheet.autofilter(3, 0, 3 + len(lines), len(_HEADER) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    return len(lines)


def _cell(value: str | int | None) -> str | int:
    """What a cell shows; a text that no cell holds is cut where one sees it, for the library would leave it out."""
    if value is None:
        return "(未保留)"
    if isinstance(value, str) and len(value) > _MAX_CELL_CHARS:
        return value[: _MAX_CELL_CHARS - 5] + "…(截断)"
    return value


def _sheet_name(title: str, taken: set[str]) -> str:
    """A name that a workbook takes: 31 characters, none of []:*?/\\, and no two alike."""
    plain = re.sub(r"[\[\]:*?/\\：？]", " ", title).strip("' ")[:28]
    name, nth = plain, 2
    while name in taken:
        name, nth = f"{plain}{nth}", nth + 1
    taken.add(name)
    return name
