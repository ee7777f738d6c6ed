"""The form in which a body returns its month: made here, filled by a clerk, read by layouts/ledger_form.yml. What was
returned, and how it is judged, is not known here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from ingest.ledger import ROLES_ZH, Line
from ingest.spreadsheets import WORKBOOK_OPTIONS

FORM = "ledger-1"  # a change of the form's shape is a new number, here and in the layout
SHEET, GUIDE = "填报", "填报说明"
COLUMNS = (
    ("行编号", 18), ("职责", 11), ("任务(事项)", 46), ("填报单位", 15), ("月份", 9), ("计划进度(%)", 12), ("完成进度(%)", 12),
    ("完成时限", 13), ("填报日期", 13), ("佐证材料", 26), ("备注", 26),
)  # fmt: skip
HEADER_ROW = 3  # zero-based
_OPEN = range(5, 11)  # the columns that a clerk fills
_RULES = (
    "一、每项任务填一行(加粗行),任务下的事项可填可不填;不填的行留空即可,不必删除。",
    "二、计划进度、完成进度填 0 至 100 的数,不带百分号;完成时限、填报日期填完整日期,如 2026-11-30。",
    "三、灰色单元格由系统印好,请勿改动;不要增删列,不要改动表头和第二行的表式信息。",
    "四、完成时限可不填:不填的,以当月末应达到的计划进度为节点;填了的,以到期完成 100% 为准。",
    "五、三色规则:绿——已完成,或未到期且完成进度不低于计划;黄——落后于计划而尚未到期,或逾期后补齐;红——逾期未达到;灰——本期未报,只计数、不着色。",
    "六、同一单位同一月份可再次报送,以填报日期较晚的一份为准。",
    "七、有误的行会逐行退回,注明单元格、原因和应填内容;其余各行照常采用。以下情况退回整份:用了其他单位、其他月份或其他方案版本的表。",
    "八、不要填写个人姓名以外的联系方式、身份证件号码等个人信息。",
)  # fmt: skip


def write_form(path: Path, lines: Sequence[Line], month: str, plan_title: str, plan_status: str) -> None:
    """One body's form for a month: `lines` are that body's, `month` is YYYY-MM.

    The sheet is protected without a password: what is printed cannot be changed by accident, and the open cells take only what
    will be accepted.
    """
    body = lines[0]
    year, number = month.split("-")
    with xlsxwriter.Workbook(path, WORKBOOK_OPTIONS) as book:
        book.set_properties(
            {
                "title": f"工作台账 {body.body_zh} {month}",
                "comments": f"{FORM} {body.plan_version} {body.body_id} {month}",
            }
        )
        cell = {"border": 1, "valign": "vcenter", "text_wrap": True, "font_name": "宋体", "font_size": 10}
        fixed = cell | {"bg_color": "#EDEDED", "num_format": "@"}
        free = cell | {"locked": False, "bg_color": "#FFFBE6"}
        styles = {
            "title": book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}),
            "stamp": book.add_format({"font_size": 9, "font_color": "#666666"}),
            "draft": book.add_format({"bold": True, "font_color": "#C00000"}),
            "head": book.add_format(cell | {"bold": True, "bg_color": "#D9E2F3", "align": "center"}),
            "task": book.add_format(fixed | {"bold": True}),
            "action": book.add_format(fixed | {"indent": 1, "font_color": "#555555"}),
            "percent": book.add_format(free | {"num_format": "0.##", "align": "right"}),
            "date": book.add_format(free | {"num_format": "yyyy-mm-dd", "align": "center"}),
            "text": book.add_format(free | {"num_format": "@"}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top", "font_size": 11}),
        }
        sheet = book.add_worksheet(SHEET)
        last = len(COLUMNS) - 1
        sheet.merge_range(
            0, 0, 0, last, f"{plan_title}工作台账({body.body_zh} {year}年{int(number)}月)", styles["title"]
        )
        sheet.set_row(0, 30)
        sheet.write_string(
            1, 0, f"表式:{FORM} 方案:{body.plan_version} 单位:{body.body_id} 月份:{month}", styles["stamp"]
        )
        sheet.write_string(2, 0, f"依据的方案为{plan_status}" if plan_status else "", styles["draft"])
        for column, (name, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(HEADER_ROW, column, name, styles["head"])
        for nth, line in enumerate(lines, start=HEADER_ROW + 1):
            _write_line(sheet, nth, line, month, styles)
        _validate(sheet, HEADER_ROW + 1, HEADER_ROW + len(lines))
        sheet.freeze_panes(HEADER_ROW + 1, 3)
        sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADER_ROW)
        sheet.set_footer("&C第 &P 页 共 &N 页")
        guide = book.add_worksheet(GUIDE)
        guide.set_column(0, 0, 100)
        guide.write_string(0, 0, "填报说明", styles["title"])
        for nth, rule in enumerate(_RULES, start=2):
            guide.write_string(nth, 0, rule, styles["wrap"])
            guide.set_row(nth, 34 if len(rule) > 55 else 18)
        guide.protect()


def _write_line(sheet: Any, row: int, line: Line, month: str, styles: dict[str, Any]) -> None:
    kind = styles["action" if line.action_id else "task"]
    texts = (line.id, "" if line.action_id else ROLES_ZH[line.role], line.text_zh, line.body_zh, month)
    for column, text in enumerate(texts):
        sheet.write_string(row, column, text, kind)
    for column in _OPEN:
        name = COLUMNS[column][0]
        style = "percent" if "进度" in name else "date" if name in ("完成时限", "填报日期") else "text"
        sheet.write_blank(row, column, None, styles[style])
    # wrapped text is measured by nobody: about 22 characters stand in a line of the task's column
    sheet.set_row(row, 17 * max(1, -(-len(line.text_zh) // 22)))


def _validate(sheet: Any, first: int, last: int) -> None:
    for column in _OPEN:
        name = COLUMNS[column][0]
        if "进度" in name:
            sheet.data_validation(
                first, column, last, column,
                {
                    "validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 100,
                    "input_title": name, "input_message": "0 至 100 的数,不带百分号",
                    "error_title": "请更正", "error_message": "请填 0 至 100 的数,不带百分号",
                },
            )  # fmt: skip
        elif name in ("完成时限", "填报日期"):
            sheet.data_validation(
                first, column, last, column,
                {
                    "validate": "date", "criteria": "between", "minimum": date(2024, 1, 1), "maximum": date(2040, 12, 31),
                    "input_title": name, "input_message": "完整日期,如 2026-11-30",
                    "error_title": "请更正", "error_message": "请填完整日期,如 2026-11-30",
                },
            )  # fmt: skip
