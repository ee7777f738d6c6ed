"""A text PDF with a ruled table over several pages, repeatable byte for byte. Its words are the caller's."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, TableStyle

FONT = "STSong-Light"  # named, not embedded: every PDF reader brings it


def write_pdf(
    path: Path,
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths_mm: Sequence[float],
    note: str,
) -> None:
    """Landscape A4; the header repeats on every page, long cells wrap, every page is marked as demo data."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    heading = ParagraphStyle("heading", fontName=FONT, fontSize=15, leading=22, alignment=TA_CENTER)
    cell = ParagraphStyle("cell", fontName=FONT, fontSize=8.5, leading=11, wordWrap="CJK")
    small = ParagraphStyle("small", fontName=FONT, fontSize=8.5, leading=13)
    table = LongTable(
        [
            [Paragraph(escape(text), cell) if len(text) > 8 else text for text in row]
            for row in [header, *rows]
        ],
        colWidths=[width * mm for width in widths_mm],
        repeatRows=1,
    )
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
                ("FONT", (0, 0), (-1, -1), FONT, 8.5),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ]
        )
    )
    document = SimpleDocTemplate(
        str(path),
        pagesize=landscape(A4),
        leftMargin=9 * mm,
        rightMargin=9 * mm,
        topMargin=14 * mm,
        bottomMargin=14 * mm,
        title=title,
        author="演示数据",
        invariant=1,  # no time stamps, no random identifiers
    )
    document.build(
        [Paragraph(escape(title), heading), table, Paragraph(escape(note), small)],
        onFirstPage=_mark_page,
        onLaterPages=_mark_page,
    )


def _mark_page(canvas: Any, document: Any) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawCentredString(document.pagesize[0] / 2, 7 * mm, f"演示数据  第{document.page}页")
