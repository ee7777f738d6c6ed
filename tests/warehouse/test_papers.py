"""Workbook and bulletin in their parts: figures and their footnotes, months, days as they are known, wrapped lines."""

import io
import zipfile
from datetime import date

import pytest

from warehouse import bulletin, targets_pdf
from warehouse.bulletin import figure
from warehouse.export import ExportError, export_workbook
from warehouse.papers import Month, parse_month, print_day

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture
def document():
    docx = pytest.importorskip("docx")
    return docx.Document()


def footnotes(document) -> list[str]:
    from lxml import etree

    content = io.BytesIO()
    document.save(content)
    with zipfile.ZipFile(content) as archive:
        if "word/footnotes.xml" not in archive.namelist():
            return []
        tree = etree.fromstring(archive.read("word/footnotes.xml"))
    return [
        "".join(text.text for text in note.iter(f"{W}t")).strip()
        for note in tree.iter(f"{W}footnote")
        if note.get(f"{W}type") is None
    ]


def test_a_figure_in_a_sentence_becomes_a_run_with_a_footnote_and_the_words_around_it_stay(document):
    document.add_paragraph(f"海洋生产总值为{figure('1,703.42 亿元', '来源:甲')}。")
    assert bulletin._set_figures(document) == 1
    assert document.paragraphs[0].text == "海洋生产总值为1,703.42 亿元[]。"
    assert footnotes(document) == ["来源:甲"]


def test_figures_of_one_source_share_a_footnote_and_those_of_another_do_not(document):
    document.add_paragraph(figure("1", "来源:甲") + figure("2", "来源:乙") + figure("3", "来源:甲"))
    assert bulletin._set_figures(document) == 3
    assert footnotes(document) == ["来源:甲", "来源:乙"]
    referred = [field.get(f"{W}instr").split()[1] for field in document.element.iter(f"{W}fldSimple")]
    named = [mark.get(f"{W}name") for mark in document.element.iter(f"{W}bookmarkStart")]
    assert (referred, named) == (["_note1"], ["_note1", "_note2"])


def test_a_figure_that_is_not_of_this_month_is_grey_and_keeps_the_look_that_the_clerk_gave_it(document):
    run = document.add_paragraph().add_run(f"共{figure('7', None, grey=True)}家")
    run.bold = True
    bulletin._set_figures(document)
    runs = document.paragraphs[0].runs
    assert [one.text for one in runs] == ["共", "7", "家"]
    assert all(one.bold for one in runs)
    assert [str(one.font.color.rgb) for one in runs] == ["None", bulletin.GREY, "None"]


def test_text_without_figures_gets_no_footnotes(document):
    document.add_paragraph("无。")
    assert bulletin._set_figures(document) == 0
    assert footnotes(document) == []


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "202611", "2026-00", "十一月", "0000-01"])
def test_what_is_no_month_is_refused_by_name(text):
    with pytest.raises(ExportError, match=text):
        parse_month(text)


def test_a_month_ends_on_its_last_day_and_an_unknown_day_is_in_no_month():
    month = parse_month("2024-02")
    assert (month.first, month.last) == (date(2024, 2, 1), date(2024, 2, 29))
    assert date(2024, 2, 29) in month
    assert date(2024, 3, 1) not in month
    assert None not in month


def test_a_day_is_printed_as_exactly_as_it_is_known():
    day = date(2025, 12, 31)
    assert [print_day(day, known) for known in ("day", "month", "year")] == [
        "2025-12-31",
        "2025年12月",
        "2025年",
    ]
    assert print_day(None, "day") is None


def test_lines_fit_their_width_and_no_number_is_torn():
    lines = targets_pdf.wrap("海洋生产总值1,703.42亿元,不足两个年度", 60, 10)
    assert "".join(lines) == "海洋生产总值1,703.42亿元,不足两个年度"
    assert any("1,703.42" in line for line in lines)
    assert not any(line.startswith(",") for line in lines)


def test_the_same_document_has_the_same_bytes_whatever_the_clock():
    def packed(day):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(zipfile.ZipInfo("a.xml", (day, 1, 1, 0, 0, 0)), "<a/>")
        return bulletin._same_bytes(content.getvalue())

    assert packed(2020) == packed(2026)


def test_the_workbook_asks_for_a_name_that_ends_as_it_must_and_for_marts_that_are_there(sealed, tmp_path):
    with pytest.raises(ExportError, match=r"ends in \.xlsx"):
        export_workbook(sealed, tmp_path / "book.xls")
    with pytest.raises(ExportError, match="no such mart nope"):
        export_workbook(sealed, tmp_path / "book.xlsx", ["nope"])
    assert list(tmp_path.iterdir()) == []


def test_a_month_is_compared_as_a_month():
    assert Month("2026-10").text < Month("2026-11").text
