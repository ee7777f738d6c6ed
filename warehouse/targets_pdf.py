"""The page for whoever has one minute: every target on one A4 page, as PDF. The rows are those of the workbook and the bulletin.

The Chinese font is STSong-Light, which every PDF reader brings: nothing is embedded, and a machine without fonts makes the same
page. Symbols that this font lacks are drawn.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from warehouse.charts import COLOURS, TINTS
from warehouse.papers import DEMO_MARK, DEMO_WARNING, Papers, Standing
from warehouse.progress import NULL, percent
from warehouse.release import Release

FONT = "STSong-Light"
_MARGIN = 28.0
#: header and width of each column; together the width of the page
_COLUMNS = (
    ("目标", 168), ("目标值", 66), ("目标年", 34), ("当期值", 98), ("期别", 40), ("版次", 44), ("公布(认定)", 52),
    ("进度比", 40), ("状态", 64), ("缺口", 62), ("性质", 28), ("来源与说明", 90),
)  # fmt: skip


def write_targets_pdf(release: Release, path: Path) -> None:
    """Write the page. Same release, same bytes."""
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    papers = Papers(release)
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    page = Canvas(str(path), pagesize=landscape(A4), invariant=1, pageCompression=1)
    page.setTitle(f"目标完成情况表 数据截至{papers.head['as_of']}")
    page.setAuthor("蓝账 Blue Ledger")
    page.setSubject(f"版本号 {papers.head['release_id']}")
    _draw(page, papers, *landscape(A4))
    page.showPage()
    page.save()


def _draw(page: Any, papers: Papers, width: float, height: float) -> None:
    head = papers.head
    demo = any(one.demo for one in papers.standings)
    if demo:
        page.saveState()
        page.translate(width / 2, height / 2)
        page.rotate(30)
        page.setFillColor("#EFEFEF")
        page.setFont(FONT, 110)
        page.drawCentredString(0, -40, f"{DEMO_MARK}数据")
        page.restoreState()
    top = height - 34
    page.setFillColor("#000000")
    page.setFont(FONT, 18)
    page.drawCentredString(width / 2, top, f"{head['city']}现代海洋特色产业集聚区目标完成情况表")
    top -= 15
    for text in papers.lines:
        page.setFont(FONT, 8.5)
        page.setFillColor("#444444")
        page.drawCentredString(width / 2, top, text)
        top -= 11
    if head["banner"]:
        _boxed(page, width - _MARGIN - 86, height - 40, 86, 16, head["banner"], COLOURS["red"])
    if demo:
        page.setFillColor(COLOURS["red"])
        page.rect(_MARGIN, top - 5, width - 2 * _MARGIN, 14, stroke=0, fill=1)
        page.setFillColor("#FFFFFF")
        page.setFont(FONT, 9)
        page.drawCentredString(width / 2, top - 1, f"【{DEMO_WARNING}】")
        top -= 10
    bottom = _table(page, papers, top - 4, width)
    _feet(page, papers, bottom, width)


def _table(page: Any, papers: Papers, top: float, width: float) -> float:
    """Every target a line, as high as its longest cell; returns where it ends."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, Table

    scale = (width - 2 * _MARGIN) / sum(size for _, size in _COLUMNS)
    cell = ParagraphStyle("cell", fontName=FONT, fontSize=7.6, leading=9, wordWrap="CJK")
    small = ParagraphStyle("small", parent=cell, fontSize=5.6, leading=6.4, textColor="#444444")
    right = ParagraphStyle("right", parent=cell, alignment=2)
    middle = ParagraphStyle("middle", parent=cell, alignment=1)
    head = ParagraphStyle("head", parent=middle, fontSize=8)
    lines = [[Paragraph(text, head) for text, _ in _COLUMNS]]
    style: list[tuple] = [
        ("GRID", (0, 0), (-1, -1), 0.4, "#999999"),
        ("BACKGROUND", (0, 0), (-1, 0), "#DCE6F1"),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2.5),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2.5),
        ("TOPPADDING", (0, 0), (-1, -1), 1.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.2),
    ]
    for nth, one in enumerate(papers.standings, start=1):
        target = one.target
        known = target.value is not None
        lines.append(
            [
                Paragraph(_safe(f"{target.target_id} {target.label_zh}"), cell),
                Paragraph(_safe(target.target_text), right),
                Paragraph(str(target.target_year or "每年"), middle),
                Paragraph(_safe((f"【{DEMO_MARK}】" if one.demo else "") + target.value_text), right),
                Paragraph(_safe(target.period if known and target.period else NULL), middle),
                Paragraph(_safe(one.vintage_zh), middle),
                Paragraph(_safe(one.news_zh), middle),
                Paragraph(percent(target.ratio), right),
                _status(one, cell),
                Paragraph(_safe(target.gap_text), right),
                Paragraph(_safe(target.origin_zh), middle),
                Paragraph(_safe(_told(one)), small),
            ]
        )
        style.append(("BACKGROUND", (8, nth), (8, nth), TINTS[target.colour]))
        if one.demo:
            style.append(("TEXTCOLOR", (3, nth), (3, nth), COLOURS["red"]))
    table = Table(lines, colWidths=[size * scale for _, size in _COLUMNS], style=style)
    _, high = table.wrapOn(page, width, 1000)
    table.drawOn(page, _MARGIN, top - high)
    return top - high


def _told(one: Standing) -> str:
    """Source and remark, cut where one page would not hold them: the workbook has them whole."""
    text = one.source if one.target.value is not None else ""
    text = ";".join(part for part in (text, one.target.reason) if part) or NULL
    return text if len(text) <= 86 else text[:83] + "……"


def _status(one: Standing, style: Any) -> Any:
    from reportlab.platypus import Paragraph

    return Paragraph(_safe(one.status_text), style)


def _feet(page: Any, papers: Papers, top: float, width: float) -> None:
    page.setFillColor("#333333")
    page.setFont(FONT, 7.2)
    line = top - 11
    for note in papers.targets().notes:
        page.drawString(_MARGIN, line, f"注:{note}")
        line -= 9.5
    worst = [one for one in papers.standings if one.target.colour in ("red", "yellow")]
    said = ";".join(
        f"{one.target.target_id}{one.target.label_zh}({one.target.status_zh},进度比{percent(one.target.ratio)},"
        f"缺口{one.target.gap_text}{',演示' if one.demo else ''})"
        for one in sorted(worst, key=lambda one: one.target.ratio if one.target.ratio is not None else 9)[:3]
    )
    page.setFont(FONT, 8.5)
    page.setFillColor("#000000")
    page.drawString(_MARGIN, line - 2, f"最需关注:{said or '没有红、黄两色的目标'}。")


def _boxed(page: Any, x: float, y: float, width: float, height: float, text: str, colour: str) -> None:
    page.setStrokeColor(colour)
    page.setFillColor(colour)
    page.rect(x, y, width, height, stroke=1, fill=0)
    page.setFont(FONT, 10)
    page.drawCentredString(x + width / 2, y + 4, text)


def _safe(text: str) -> str:
    """Text for a paragraph of reportlab, which reads mark-up."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
