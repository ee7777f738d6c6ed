"""Word documents, running text of every format, and printed pages: cells and lines as a person sees them."""

import io

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from reportlab.pdfgen import canvas

from ingest.readers import ReadError, document, printed, read
from tests.ingest.readers_samples import FONT, ROWS, as_docx, as_html, as_printed_pdf, as_ruled_pdf

pytestmark = pytest.mark.slow


def saved(made) -> bytes:
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def rows(grid) -> list[list[str | None]]:
    return [cells for _, *cells in grid.frame.rows()]


def test_merged_cells_of_a_document_are_repeated_and_nested_tables_are_grids_of_their_own():
    made = docx.Document()
    table = made.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "县市区"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "增加值\n(亿元)"
    for (r, c), text in {(1, 1): "本年", (1, 2): "上年", (2, 0): "寿光市"}.items():
        table.cell(r, c).text = text
    table.cell(2, 1).text = "外"
    table.cell(2, 1).add_table(1, 1).cell(0, 0).text = "内"
    outer, inner = read(saved(made), "f.docx", "docx")
    assert rows(outer) == [
        ["县市区", "增加值\n(亿元)", "增加值\n(亿元)"],
        ["县市区", "本年", "上年"],
        ["寿光市", "外", None],
    ]
    assert (inner.name, rows(inner)) == ("table2", [["内"]])
    assert outer.notes == ("2 merged cells repeated over their range",)


def test_tracked_changes_are_read_as_accepted_and_content_controls_are_text():
    made = docx.Document()
    paragraph = made.add_paragraph("增长")._p
    inner = "<w:r><w:{0}>{1}</w:{0}></w:r>"
    for tag, run in (("del", inner.format("delText", "5.9")), ("ins", inner.format("t", "6.1%"))):
        paragraph.append(parse_xml(f'<w:{tag} {nsdecls("w")} w:id="1" w:author="a">{run}</w:{tag}>'))
    control = (
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p>{inner.format('t', '控件')}</w:p></w:sdtContent></w:sdt>"
    )
    made.element.body.insert(0, parse_xml(control))
    [grid] = read(saved(made), "f.docx", "text")
    assert rows(grid) == [["控件"], ["增长6.1%"]]
    assert grid.notes == ("tracked changes are read as if they were accepted",)


def test_running_text_of_a_document_is_its_paragraphs_without_tables():
    [grid] = read(as_docx(ROWS, "一、综合", "", "　全市实现生产总值7010.6亿元"), "f.docx", "text")
    assert (grid.name, rows(grid)) == ("", [["一、综合"], ["　全市实现生产总值7010.6亿元"]])
    assert grid.notes == ("tables not read with the text: 1",)


def test_a_document_without_what_is_asked_for_is_refused():
    with pytest.raises(ReadError, match="f.docx: expected a Word document .docx. with a table; it has none"):
        read(saved(docx.Document()), "f.docx", "docx")
    with pytest.raises(ReadError, match="f.docx: expected text.*; there is no text outside of tables"):
        read(as_docx(ROWS), "f.docx", "text")


def test_spans_of_a_document_that_multiply_are_stopped(monkeypatch):
    monkeypatch.setattr(document, "MAX_TABLE_CELLS", 8)
    with pytest.raises(ReadError, match="f.docx: table1: 9 cells, more than the limit of 8"):
        read(as_docx(ROWS), "f.docx", "docx")


def test_running_text_of_a_page_is_a_line_per_block_as_a_browser_shows():
    page = (
        "<html><head><title>公报</title><style>p{}</style></head><body><h1>一、综合</h1>"
        "<p>全市实现<b>生产</b>\n  总值<br>7010.6亿元</p><script>x()</script>"
        "<table><tr><td>表</table><div>&nbsp;</div><div>　二、农业<p>增长</p>5%</div></body></html>"
    )
    [grid] = read(page.encode("gbk"), "f.html", "text")
    assert rows(grid) == [
        ["一、综合"],
        ["全市实现生产 总值"],
        ["7010.6亿元"],
        ["　二、农业"],
        ["增长"],
        ["5%"],
    ]
    assert grid.notes == ("encoding gb18030", "tables not read with the text: 1")


def printed_page(*texts: tuple[float, float, str, str]) -> bytes:
    """A page of (x, y, alignment, text): "l" and "r" for where x is, "c" for the middle."""
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer)
    page.setFont(FONT, 10)
    draw = {"l": page.drawString, "r": page.drawRightString, "c": page.drawCentredString}
    for x, y, alignment, text in texts:
        draw[alignment](x, y, text)
    page.save()
    return buffer.getvalue()


MONTHLY = printed_page(
    (300, 780, "c", "国民经济主要指标 (4月)"),
    *[
        (60, 760, "l", "指标"),
        (200, 760, "l", "单位"),
        (320, 760, "r", "本月"),
        (420, 760, "r", "同比增长(%)"),
    ],
    *[(500, 760, "r", "1-本月"), (580, 760, "r", "同比增长(%)")],
    *[
        (60, 740, "l", "地区生产总值"),
        (200, 740, "l", "亿元"),
        (500, 740, "r", "19 278.1"),
        (580, 740, "r", "8.6"),
    ],
    *[
        (80, 720, "l", "其中:第一产业"),
        (200, 720, "l", "亿元"),
        (320, 720, "r", "1 731.9"),
        (420, 720, "r", "-2.1"),
    ],
    *[(60, 700, "l", "固定资产投资"), (580, 700, "r", "12.3")],
    *[(60, 680, "l", "工"), (80, 680, "l", "业"), (200, 680, "l", "亿元"), (320, 680, "r", "5")],
    (580, 660, "r", "3.4"),
    (300, 40, "c", "—  1  —"),
)


def test_a_page_without_rules_is_read_by_position_so_that_missing_cells_shift_nothing():
    [grid] = read(MONTHLY, "f.pdf", "pdf")
    assert grid.name == "page1/text"
    assert rows(grid) == [
        ["国民经济主要指标 (4月)", None, None, None, None, None],
        ["指标", "单位", "本月", "同比增长(%)", "1-本月", "同比增长(%)"],
        ["地区生产总值", "亿元", None, None, "19 278.1", "8.6"],
        ["    其中:第一产业", "亿元", "1 731.9", "-2.1", None, None],
        ["固定资产投资", None, None, None, None, "12.3"],
        ["工 业", "亿元", "5", None, None, None],
        [None, None, None, None, None, "3.4"],
        ["— 1 —", None, None, None, None, None],
    ]


def test_running_text_of_a_pdf_is_its_printed_lines_page_marks_included():
    [grid] = read(MONTHLY, "f.pdf", "text")
    assert rows(grid)[2:4] == [["地区生产总值 亿元 19 278.1 8.6"], ["其中:第一产业 亿元 1 731.9 -2.1"]]
    assert rows(grid)[-1] == ["— 1 —"]


def test_a_header_over_several_columns_makes_no_column_of_them():
    [grid] = read(
        printed_page(
            *[(60, 780, "l", "指标"), (300, 780, "c", "比上年同期的增长速度按可比价格计算")],
            *[(60, 760, "l", "合计"), (250, 760, "r", "1"), (350, 760, "r", "2")],
            *[(60, 740, "l", "其他"), (350, 740, "r", "4")],
        ),
        *("f.pdf", "pdf"),
    )
    assert rows(grid) == [
        ["指标", "比上年同期的增长速度按可比价格计算", None],
        ["合计", "1", "2"],
        ["其他", None, "4"],
    ]


def test_a_spread_title_is_one_text_and_a_row_of_column_codes_is_not():
    [grid] = read(
        printed_page(
            *[(200, 780, "l", "目"), (230, 780, "l", "次"), (260, 780, "l", "表")],
            *[(60, 760, "l", "指标"), (250, 760, "r", "单位"), (350, 760, "r", "数值")],
            *[(60, 740, "l", "甲"), (250, 740, "r", "乙"), (350, 740, "r", "丙")],
        ),
        *("f.pdf", "pdf"),
    )
    assert rows(grid) == [["目 次 表", None, None], ["指标", "单位", "数值"], ["甲", "乙", "丙"]]


def test_bold_by_overprinting_is_read_once_and_rotated_stamps_are_noted():
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer)
    page.setFont(FONT, 10)
    for shift in (0, 0.3):
        page.drawString(60 + shift, 700, "寿光市 812.3")
    page.rotate(90)
    page.drawString(300, -500, "样")
    page.save()
    [grid] = read(buffer.getvalue(), "f.pdf", "pdf")
    assert rows(grid) == [["寿光市 812.3"]]
    assert grid.notes[1:] == ("1 rotated characters not read",)


def test_a_frame_around_one_text_is_no_table_and_a_crowded_page_is_refused(monkeypatch):
    [grid] = read(as_ruled_pdf([["寿光市"]]), "f.pdf", "pdf")
    assert (grid.name, rows(grid)) == ("page1/text", [["寿光市"]])
    monkeypatch.setattr(printed, "MAX_SEGMENTS", 2)
    with pytest.raises(
        ReadError, match="f.pdf: page1: [0-9]+ separate pieces of text, more than the limit of 2"
    ):
        read(as_printed_pdf(ROWS), "f.pdf", "pdf")


def test_a_font_with_a_range_of_billions_is_refused_before_it_fills_the_memory():
    content = as_ruled_pdf(ROWS)
    damaged = content.replace(b" 29 29 ", b" 29 999999999 ").replace(b" 29 30 ", b" 29 999999999 ")
    if damaged == content:
        start = content.index(b"/W [") + 4
        damaged = content[:start] + b" 1 999999999 500 " + content[start:]
    with pytest.raises(ReadError, match="a range from [0-9]+ to 999999999"):
        read(damaged, "f.pdf", "pdf")


def test_bracketed_units_and_indentation_of_a_page_are_kept():
    page = "<table><tr><td>总人口<br>（万人）<td>　　其中：城镇<td>&nbsp;&nbsp;寿光市</table>"
    assert rows(read(page.encode("gbk"), "f", "html")[0]) == [
        ["总人口 （万人）", "　　其中：城镇", "\xa0\xa0寿光市"]
    ]
    wrong = as_html(ROWS, "gbk").replace(b'charset="gbk"', b'charset="utf-8"')
    assert rows(read(wrong, "f", "html")[0]) == ROWS
