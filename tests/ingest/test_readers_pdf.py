"""PDF tables: cells, pages and wrapped text, and files that are no text PDF."""

import io
import re

import pytest
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

from ingest.readers import ReadError, pdf, read

FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))
RULED = [("GRID", (0, 0), (-1, -1), 0.5, "black"), ("FONT", (0, 0), (-1, -1), FONT)]


def document(*flowables) -> bytes:
    buffer = io.BytesIO()
    SimpleDocTemplate(buffer).build(list(flowables))
    return buffer.getvalue()


def table(rows, style=()) -> Table:
    return Table(rows, colWidths=[60] * len(rows[0]), style=[*RULED, *style])


def grids(content: bytes):
    return read(content, "名单.pdf", "pdf")


def test_each_page_gives_its_tables_with_the_headers_it_prints():
    first, second = grids(
        document(
            table([["序号", "园区名称"], ["1", "寿光"]]),
            PageBreak(),
            table([["序号", "园区名称"], ["2", ""]]),
        )
    )
    assert (first.name, first.frame.rows()) == ("page1/table1", [(1, "序号", "园区名称"), (2, "1", "寿光")])
    assert (second.name, second.frame.rows()) == ("page2/table1", [(1, "序号", "园区名称"), (2, "2", None)])
    assert second.locator(2, "A") == "page2/table1!A2"


def test_text_wrapped_inside_a_cell_is_one_text():
    style = ParagraphStyle("cell", fontName=FONT, fontSize=10, wordWrap="CJK")
    [grid] = grids(document(table([["1", Paragraph("潍坊滨海新材料科技发展有限公司", style)]])))
    assert grid.frame.rows() == [(1, "1", "潍坊滨海新材料科技发展有限公司")]


def test_merged_cells_are_repeated_over_their_range():
    spans = [("SPAN", (0, 0), (0, 1)), ("SPAN", (1, 0), (2, 0))]
    [grid] = grids(
        document(table([["县市区", "增加值", ""], ["", "本年", "上年"], ["寿光", "1", "2"]], spans))
    )
    assert grid.frame.rows() == [
        (1, "县市区", "增加值", "增加值"),
        (2, "县市区", "本年", "上年"),
        (3, "寿光", "1", "2"),
    ]
    assert grid.notes == ("2 merged cells repeated over their range",)


def test_a_pdf_without_a_text_layer_is_called_scanned():
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer)
    page.grid([50, 100, 150], [700, 720])
    page.save()
    with pytest.raises(ReadError, match=r"名单\.pdf: .* it is scanned: none of its 1 pages has text"):
        grids(buffer.getvalue())


def test_a_page_without_text_among_others_is_noted():
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer)
    page.grid([50, 100, 150], [700, 720])
    page.line(50, 600, 90, 650)
    page.drawString(55, 705, "1")
    page.showPage()
    page.showPage()
    page.save()
    [grid] = grids(buffer.getvalue())
    assert grid.notes == ("no text on page 2: scanned or blank",)


def test_a_file_cut_short_is_refused():
    content = document(table([["1", "寿光"]]))
    with pytest.raises(ReadError, match="it is no PDF, or its end is missing"):
        grids(content[: len(content) // 2])


def test_a_damaged_page_is_refused_rather_than_read_in_part():
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer, pageCompression=1)
    page.grid([50, 100, 150], [700, 720])
    page.drawString(55, 705, "1")
    page.save()
    content = buffer.getvalue()
    at = content.index(b"stream\n") + 60
    with pytest.raises(ReadError, match=r"page1: expected a PDF with a text layer; the page is"):
        grids(content[:at] + b"AAAA" + content[at + 4 :])


def test_pages_may_share_their_contents():
    content = document(table([["1", "寿光"]]), PageBreak(), table([["1", "寿光"]]))
    one, other = re.findall(rb"/Contents \d+ 0 R", content)
    first, second = grids(content.replace(other, one.ljust(len(other))))
    assert first.frame.rows() == second.frame.rows() == [(1, "1", "寿光")]


def test_limits_are_named(monkeypatch):
    content = document(table([["1", "寿光"]]), PageBreak(), table([["2", "青州"]]))
    monkeypatch.setattr(pdf, "MAX_PAGE_CROSSINGS", 5)
    with pytest.raises(
        ReadError, match=r"名单\.pdf: page1: 6 crossings of ruling lines, more than the limit"
    ):
        grids(content)
    monkeypatch.setattr(pdf, "MAX_PAGE_EDGES", 3)
    with pytest.raises(ReadError, match=r"名单\.pdf: page1: \d+ ruling lines, more than the limit of 3"):
        grids(content)
    monkeypatch.setattr(pdf, "MAX_PAGE_BYTES", 20)
    with pytest.raises(ReadError, match=r"名单\.pdf: page1: 21 bytes of drawing commands, more than"):
        grids(content)
    monkeypatch.setattr(pdf, "MAX_PAGES", 1)
    with pytest.raises(ReadError, match=r"名单\.pdf: 2 pages, more than the limit of 1"):
        grids(content)


def test_characters_that_the_font_does_not_name_are_refused(monkeypatch):
    monkeypatch.setattr(pdf.Table, "extract", lambda self: [["1", "(cid:8412)"]])
    with pytest.raises(ReadError, match=r"名单\.pdf: page1/table1!B1: expected text; the font does not say"):
        grids(document(table([["1", "寿光"]])))
