"""Documents in the shapes in which statistics are printed. Their figures are invented and say so; nothing is read here."""

from __future__ import annotations

import io
from collections.abc import Sequence
from html import escape

import xlsxwriter
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, TableStyle

FONT = "STSong-Light"
MARK = "演示数据"
Rows = Sequence[Sequence[str | None]]
#: a merged range: first row, first column, last row, last column, from 0, and its text
Merged = tuple[int, int, int, int]


def xlsx(rows: Rows, merged: Sequence[Merged] = (), sheet: str = "Sheet1") -> bytes:
    """A workbook whose cells are all text; of a merged range the first cell is written."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        for r, row in enumerate(rows):
            for c, text in enumerate(row):
                if text:
                    page.write_string(r, c, text)
        for top, left, bottom, right in merged:
            page.merge_range(top, left, bottom, right, rows[top][left])
    return out.getvalue()


def html(rows: Rows, merged: Sequence[Merged] = (), charset: str = "utf-8") -> bytes:
    """A page with one table; rows may be ragged, and ranges span."""
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in merged}
    covered = {
        (r, c)
        for top, left, bottom, right in merged
        for r in range(top, bottom + 1)
        for c in range(left, right + 1)
    } - spans.keys()
    lines = []
    for r, row in enumerate(rows):
        cells = ""
        for c, text in enumerate(row):
            if (r, c) in covered:
                continue
            down, across = spans.get((r, c), (1, 1))
            span = (f' rowspan="{down}"' if down > 1 else "") + (f' colspan="{across}"' if across > 1 else "")
            cells += f"<td{span}>{escape(text or '')}</td>"
        lines.append(f"<tr>{cells}</tr>")
    page = f'<html><head><meta charset="{charset}"></head><body><p>{MARK}</p><table>{"".join(lines)}</table></body></html>'
    return page.encode({"gb2312": "gb18030"}.get(charset, charset))


def ruled_pdf(rows: Rows, widths_mm: Sequence[float], repeat_header: bool = False) -> bytes:
    """A ruled table over as many pages as it takes; texts longer than their cell are wrapped in it."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    style = ParagraphStyle("cell", fontName=FONT, fontSize=9, leading=11, wordWrap="CJK")
    body = [[Paragraph(escape(text or ""), style) for text in row] for row in rows]
    table = LongTable(body, colWidths=[width * mm for width in widths_mm], repeatRows=int(repeat_header))
    table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, (0, 0, 0))]))
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, title=MARK, invariant=1).build([table])
    return out.getvalue()


def placed_pdf(pages: Sequence[Rows], lefts_mm: Sequence[float], title: str) -> bytes:
    """Text without ruling lines: labels from the left, figures to the right of their columns, a mark on each page."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for number, rows in enumerate(pages, start=1):
        y = 270
        if number == 1:
            canvas.setFont(FONT, 14)
            canvas.drawCentredString(A4[0] / 2, 280 * mm, title)
        for row in rows:
            canvas.setFont(FONT, 9)
            for left, text in zip(lefts_mm, row, strict=True):
                if text:
                    canvas.drawString(left * mm, y * mm, text)
            y -= 7
        canvas.drawCentredString(A4[0] / 2, 15 * mm, f"—  {number}  —")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


# ── one document of each shape ───────────────────────────────────────────────────────────────────────────────────


def flattened_bulletin() -> str:
    """Shape 2: a district's bulletin with a table scraped to one cell a line."""
    table = [
        ["指标", "单位", "2021年", "比上年增长(%)"],
        ["生产总值[2]", "亿元", "334.8", "10.4"],
        ["第二产业", "亿元", "48.69", "-3.1"],
        ["工 业", "亿元", "33.2", "…"],
        ["第三产业", "亿元", "286.11*", "11.4"],
    ]
    return "\n".join(
        [
            f"奎文区2021年国民经济和社会发展统计公报({MARK})",
            "",
            "一、综合",
            "初步核算,全区实现生产总值334.8亿元。",
            *(cell for row in table for cell in row),
            "",
            "注:[2]生产总值为初步核算数。",
            "二、农业",
        ]
    )


def monthly_pdf() -> bytes:
    """Shape 3: a month's main indicators on two pages without ruling lines, many cells missing."""
    header = ["指标", "单位", "本月", "同比增长(%)", "1-本月", "同比增长(%)"]
    first = [
        header,
        ["海洋生产总值", "亿元", None, None, "560.4", "6.2"],
        ["  #海洋产业增加值", "亿元", None, None, "210.7", None],
        ["固定资产投资", "亿元", None, None, None, "8.8"],
        ["  #工业投资", "亿元", None, None, None, "12.1"],
        ["规模以上工业增加值", "亿元", None, "7.5", None, "9.1"],
    ]
    second = [
        ["规模以上工业总产值", "亿元", "1 731.9", "7.5", "19 278.1", "-0.4"],
        ["规模以上工业营业收入(1-上月)", "亿元", None, None, "4 310.5", "10.2"],
        ["进出口总额(商务部口径)", "亿美元", "28.1", "3.0", "101.6", "5.5"],
        ["全社会用电量", "亿千瓦时", "45.2", "1.1", "180.9", "2.0"],
    ]
    return placed_pdf([first, second], [20, 85, 105, 125, 150, 175], f"国民经济主要指标 (4月) {MARK}")


def yearbook_page() -> bytes:
    """Shape 4: counties in a GBK page, headers and units split over lines, rows of unequal length."""
    rows = [
        [f"21-1 各县(市、区)主要经济指标(2015年) {MARK}"],
        ["县(市、区)", "总人口", "地区生产总值", "公共财政", "规模以上工业", "规模以上工业"],
        ["", "", "", "预算收入", "企业数", "总产值"],
        ["", "(万人)", "(万元)", "(万元)", "(个)", "(万元)"],
        ["潍坊市"],
        ["\u3000奎文区", "38.1", "2871204", "201345", "112", "3120045"],
        ["\u3000寿 光 市", "107.2", "7813390", "890112", "-", "15 200 310"],
        ["\u3000坊子区①", "52.0", "1170555"],
        ["\u3000昌乐县", "61.9", "0", "", "…", ""],
        ["①坊子区数据含峡山区。"],
    ]
    return html(rows, charset="gb2312")


OCEAN_FORM = [
    [f"海洋生产总值核算表({MARK})"],
    ["2024年2季度"],
    ["表号:海核1表"],
    ["制表机关:海洋主管部门"],
    ["批准机关:统计部门"],
    ["批准文号:演示〔2024〕0号"],
    ["有效期至:2026年12月"],
    ["综合机关名称:演示", "", "", "", "", "", "", "", "", "计量单位:亿元"],
    [
        "指标名称",
        "代码",
        *["按当年价格计算"] * 4,
        *["按2005年不变价格计算"] * 4,
        *["比上年同期的增长速度%"] * 2,
    ],
    ["指标名称", "代码", *["本年", "本年", "上年", "上年"] * 2, "当期", "累计"],
    ["指标名称", "代码", *["当期", "累计"] * 4, "当期", "累计"],
    ["甲", "乙", *map(str, range(1, 11))],
    ["海洋生产总值", "01", "420.1", "801.5", "398.2", "760.4", "300.0", "580", "285", "552", "5.3", "5.1"],
    ["  其中：海洋第一产业", "02", "40.5", "61", "39.9", "60.2", "30", "45", "29", "44", "1.2", "1.0"],
    ["  #海洋第二产业", "03", "180.2", "350.4", "170", "333.1", "128", "250", "121", "237", "6.4", "6.0"],
    ["  #海洋第三产业", "04", "199.4", "390.1", "188.3", "367.1", "142", "285", "135", "271", "-", "…"],
    ["海洋产业", "05", "150.3", "290.8", "", "", "", "", "", "", "0", "4.4"],
    ["  #海洋渔业", "06", "35.1", "52.2"],
    ["  #海洋水产品加工业", "07", "8"],
    ["  #海洋化工业", "08", "44"],
    ["  #海洋船舶工业", "09", "12"],
    ["  #海洋旅游业", "10", "20"],
    ["海洋科研教育", "11", "30"],
    ["海洋公共管理服务", "12", "60"],
    ["海洋上游相关产业", "13", "61"],
    ["单位负责人:演示", "", "填表人:演示", "", "报出日期:2024年7月20日"],
    ["说明:上半年为一、二季度累计。"],
]
OCEAN_FORM_MERGED = [
    *((8, c, 10, c) for c in (0, 1)),
    (8, 2, 8, 5),
    (8, 6, 8, 9),
    (8, 10, 8, 11),
    *((9, c, 9, c + 1) for c in (2, 4, 6, 8)),
    *((9, c, 10, c) for c in (10, 11)),
]


def zone_table() -> Rows:
    """Shape 8: counties and zones, some of whose names say what they contain."""
    return [
        [f"2021年各县市区、开发区生产总值({MARK})", "", ""],
        ["", "", "单位:亿元"],
        ["县市区、开发区", "生产总值", "比上年增长(%)"],
        ["奎 文 区", "334.8", "10.4"],
        ["寒亭区(含经济开发区)", "203.0", "9.9"],
        ["其中:潍坊经济开发区", "88.1", ""],
        ["坊子区(不含峡山区)[1]", "１２３.４", "8.0"],
        ["高新技术产业开发区", "622.9", "-"],
        ["合计", "1372.2", ""],
        ["注:[1]峡山区另列。", "", ""],
    ]


def level_list(announced: str) -> Rows:
    """Shape 9: one notice, a list per level and kind; `announced` is 公示 or 公布."""
    return [
        [f"2025年度绿色制造名单{announced}({MARK})", "", ""],
        ["序号", "单位名称", "县市区"],
        ["一、省级绿色工厂", "", ""],
        ["1", "潍坊澥鑫机械有限公司", "寿光市"],
        ["2", "潍坊滃鑫机械（演示）有限公司", "昌邑市"],
        ["二、省级绿色工业园区", "", ""],
        ["1", "潍坊澥鑫工业园区", "滨海区"],
        ["三、市级绿色供应链管理示范企业", "", ""],
        ["1", "潍坊溔鑫供应链有限公司", "高新区"],
        ["注:名单为演示。", "", ""],
    ]
