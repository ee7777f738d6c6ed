"""What leaves the house on paper, read back: every figure of workbook, bulletin and page of targets against the marts."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from warehouse import bulletin, targets_pdf
from warehouse.bi.datasets import datasets
from warehouse.bi.dictionary import tables
from warehouse.export import ExportError, export_bulletin, export_targets_pdf, export_workbook
from warehouse.home import Home
from warehouse.papers import DEMO_WARNING, Papers, parse_month
from warehouse.progress import NULL, percent, with_unit
from warehouse.reader import run_query
from warehouse.release import current_release
from warehouse.site import facts, views

pytestmark = pytest.mark.slow

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MARTS = ("plan_progress", "area_scorecard", "cluster_counts", "digital_coverage", "dim_area")


@pytest.fixture(scope="module")
def demo(demo_home):
    return current_release(Home(demo_home.root))


@pytest.fixture(scope="module")
def real(real_home):
    return current_release(Home(real_home.root))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("papers")


@pytest.fixture(scope="module")
def demo_book(demo, folder) -> Path:
    export_workbook(demo, folder / "demo.xlsx", MARTS)
    return folder / "demo.xlsx"


@pytest.fixture(scope="module")
def real_book(real, folder) -> Path:
    export_workbook(real, folder / "real.xlsx", MARTS)
    return folder / "real.xlsx"


@pytest.fixture(scope="module")
def demo_bulletin(demo_home, blue_ledger, folder):
    """The bulletin as the command line makes it, and what it said."""
    done = blue_ledger(
        "export", "bulletin", "--month", "2026-11", "-o", folder / "demo.docx", home=demo_home.root
    )
    assert done.code == 0, done.err
    return folder / "demo.docx", done


@pytest.fixture(scope="module")
def real_bulletin(real, folder) -> Path:
    """Without pictures: these are looked at in the other one, and drawing takes most of the time."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("warehouse.charts.has_chinese_font", lambda: False)
        export_bulletin(real, parse_month("2026-11"), folder / "real.docx")
    return folder / "real.docx"


@pytest.fixture
def no_pictures(monkeypatch):
    monkeypatch.setattr("warehouse.charts.has_chinese_font", lambda: False)


@cache
def sheets(path: Path) -> dict[str, list[list]]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


@cache
def named(path: Path) -> dict[str, tuple[str, str]]:
    """Defined names: sheet and range of each."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    return {name: next(iter(one.destinations)) for name, one in book.defined_names.items()}


def table(path: Path, name: str) -> list[dict[str, object]]:
    """Rows of a named range by their header."""
    from openpyxl.utils import range_boundaries

    sheet, area = named(path)[name]
    left, top, right, bottom = range_boundaries(area)
    cells = [row[left - 1 : right] for row in sheets(path)[sheet][top - 1 : bottom]]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]


# ── the workbook ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("which", ["demo", "real"])
def test_the_sheet_of_targets_says_what_the_mart_says_and_a_null_is_a_dash(which, request):
    home, book = request.getfixturevalue(f"{which}_home"), request.getfixturevalue(f"{which}_book")
    rows = {row["编号"]: row for row in table(book, "targets")}
    told = {
        (target, period): (value, ratio, gap)
        for target, period, value, ratio, gap in home.rows(
            "select target_id, period, value, ratio, gap from plan_progress"
        )
    }
    assert set(rows) == {target for target, _ in told}
    for target, row in rows.items():
        if row["当期值"] == NULL:
            assert (row["期别"], row["进度比"], row["数据性质"]) == (NULL, NULL, NULL)
            assert all(value is None for (name, _), (value, *_) in told.items() if name == target)
            continue
        value, ratio, gap = told[target, row["期别"]]
        assert row["当期值"] == pytest.approx(value)
        assert row["进度比"] == (NULL if ratio is None else pytest.approx(ratio))
        assert row["缺口"] == (NULL if gap is None else pytest.approx(gap))
        assert row["数据来源"] not in ("", NULL)


@pytest.mark.parametrize("mart", MARTS)
def test_a_sheet_of_a_mart_holds_every_cell_of_it_and_a_null_is_empty(mart, demo_home, demo_book):
    rows = table(demo_book, f"mart_{mart}")
    columns = list(rows[0])
    expected = demo_home.rows(f"select {', '.join(columns)} from {mart}")
    assert len(rows) == len(expected)
    for row, want in zip(rows, expected, strict=True):
        for name, value in zip(columns, want, strict=True):
            got = row[name]
            if value is None:
                assert got == "", (name, got)
            elif isinstance(value, float):
                assert got == pytest.approx(value)
            elif isinstance(value, str):
                assert got == value[:32_767]
            else:
                assert got == value, name


def test_every_table_is_a_named_range_that_begins_with_its_header(demo, demo_book):
    names = named(demo_book)
    assert {one.name for one in Papers(demo).readable()} | {f"mart_{mart}" for mart in MARTS} | {
        "dictionary"
    } <= set(names)
    cells = sheets(demo_book)
    for name, (sheet, area) in names.items():
        if name.startswith("_xlnm") or "!" in area:
            continue
        assert sheet in cells, name
        top = int(re.match(r"\$[A-Z]+\$(\d+)", area)[1])
        assert all(cell != "" for cell in cells[sheet][top - 1][:2]), name


def test_no_cell_is_a_formula_whatever_the_publishers_printed(demo_book):
    with zipfile.ZipFile(demo_book) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in archive.read(name), name


def test_demo_data_is_marked_on_every_sheet_that_rests_on_it_and_on_no_other(demo_book, real_book):
    marked = {
        name
        for name, rows in sheets(demo_book).items()
        if any(DEMO_WARNING in str(cell) for row in rows[:6] for cell in row)
    }
    assert {"目录", "目标完成情况", "集聚区", "工作台账", "plan_progress"} <= marked
    assert not marked & {"数据缺口与修订", "数据字典", "dim_area"}
    for name, rows in sheets(real_book).items():
        assert not any(DEMO_WARNING in str(cell) for row in rows for cell in row), name


def test_the_same_release_makes_the_same_workbook(real, real_book, folder):
    export_workbook(real, folder / "again.xlsx", MARTS)
    assert (folder / "again.xlsx").read_bytes() == real_book.read_bytes()


def test_what_is_left_out_of_the_workbook_is_named_in_it(demo, folder, monkeypatch):
    monkeypatch.setattr("warehouse.workbook.ROWS_UNASKED", -1)
    listed = export_workbook(demo, folder / "left_out.xlsx")
    out = {sheet.title.split(":")[0] for sheet in listed if not sheet.name}
    assert set(MARTS) <= out
    said = [" ".join(map(str, row)) for row in sheets(folder / "left_out.xlsx")["目录"]]
    assert any("dim_area" in line and "--mart dim_area" in line for line in said)


def test_a_mart_longer_than_a_sheet_goes_on_on_the_next_with_every_row(demo, demo_home, folder, monkeypatch):
    monkeypatch.setattr("warehouse.workbook.ROWS_A_SHEET", 8)
    monkeypatch.setattr("warehouse.workbook._CHUNK", 5)
    export_workbook(demo, folder / "parts.xlsx", ["dim_area"])
    parts = [
        row["area_id"] for nth in (1, 2, 3) for row in table(folder / "parts.xlsx", f"mart_dim_area_{nth}")
    ]
    assert parts == [area for (area,) in demo_home.rows("select area_id from dim_area")]


# ── the bulletin ───────────────────────────────────────────────────────────────────────────────────────────────────


def words(path: Path, part: str = "word/document.xml") -> str:
    from lxml import etree

    with zipfile.ZipFile(path) as archive:
        return "".join(text.text or "" for text in etree.fromstring(archive.read(part)).iter(f"{W}t"))


def targets_table(path: Path):
    import docx

    [found] = [one for one in docx.Document(str(path)).tables if one.cell(0, 0).text == "指标"][:1]
    return found


@pytest.mark.parametrize("which", ["demo", "real"])
def test_superset_workbook_and_site_rank_the_areas_by_the_same_period(which, request):
    release = request.getfixturevalue(which)
    sql = datasets(tables(release))["area_scorecard"].sql
    latest = run_query(release, f"select distinct indicator, basis, period from ({sql}) where is_latest")
    in_superset = sorted(latest.iter_rows())
    in_workbook = {(row["code"], row["basis_code"], row["period"]) for row in Papers(release).ranking().rows}
    with facts.opened(release) as asked:
        on_site = [(one.indicator["indicator_code"], one.basis, one.period) for one in views.rankings(asked)]
    assert in_superset == sorted(in_workbook) == sorted(on_site)
    assert ("gdp", "current", "2021") in in_superset


@pytest.mark.parametrize("which", ["demo", "real"])
def test_the_bulletins_table_of_targets_says_what_the_mart_says(which, request):
    release = request.getfixturevalue(which)
    made = request.getfixturevalue(f"{which}_bulletin")
    rows = targets_table(made[0] if which == "demo" else made).rows[1:]
    standings = Papers(release).standings
    assert len(rows) == len(standings)
    for row, one in zip(rows, standings, strict=True):
        label, target, value, ratio, status, gap = (re.sub(r"\[\d*\]", "", cell.text) for cell in row.cells)
        assert label == f"{one.target.target_id} {one.target.label_zh}"
        assert target.startswith(one.target.target_text)
        assert (ratio, gap, status) == (percent(one.target.ratio), one.target.gap_text, one.status_text)
        if one.target.value is None:
            assert value.startswith(NULL)
            assert "0" not in value.split("(")[0]
        else:
            assert with_unit(one.target.value, one.target.unit_zh) in value
            assert one.target.period in value
        assert ("【演示】" in value) is one.demo


def test_every_figure_has_a_footnote_and_every_footnote_a_figure(demo_bulletin):
    from lxml import etree

    path, done = demo_bulletin
    with zipfile.ZipFile(path) as archive:
        body = etree.fromstring(archive.read("word/document.xml"))
        notes = etree.fromstring(archive.read("word/footnotes.xml"))
    referred = [one.get(f"{W}id") for one in body.iter(f"{W}footnoteReference")]
    again = [one.get(f"{W}instr").split()[1] for one in body.iter(f"{W}fldSimple")]
    told = {
        one.get(f"{W}id"): "".join(text.text for text in one.iter(f"{W}t"))
        for one in notes
        if one.get(f"{W}type") is None
    }
    assert referred == list(told) == [str(nth) for nth in range(1, len(told) + 1)]
    assert {name.removeprefix("_note") for name in again} <= set(told)
    assert f"{len(referred) + len(again)} figures with a footnote" in done.out
    assert all("来源:" in text for text in told.values())


def test_a_figure_that_is_not_of_the_month_is_grey_with_its_date_and_one_that_is_is_not(
    demo, demo_bulletin, folder
):
    def greyed(path: Path, target_id: str) -> tuple[bool, str]:
        row = next(row for row in targets_table(path).rows if row.cells[0].text.startswith(target_id))
        run = next(run for run in row.cells[2].paragraphs[0].runs if run.text.strip())
        return str(run.font.color.rgb) == bulletin.GREY, row.cells[2].text

    one = next(one for one in Papers(demo).standings if one.target.target_id == "TG05")
    grey, text = greyed(demo_bulletin[0], "TG05")
    assert grey
    assert one.news_zh in text
    # the same release told of the month in which the figure came out
    month = parse_month(f"{one.news_on:%Y-%m}")
    export_bulletin(demo, month, folder / "news.docx")
    grey, text = greyed(folder / "news.docx", "TG05")
    assert not grey
    assert one.news_zh not in text


def test_the_bulletin_is_marked_as_draft_and_as_demo_exactly_where_it_is(demo_bulletin, real_bulletin):
    path = demo_bulletin[0]
    assert "征求意见稿" in words(path)
    assert DEMO_WARNING in words(path)
    assert "征求意见稿" in words(real_bulletin)
    assert DEMO_WARNING not in words(real_bulletin)
    for made, marked in ((path, True), (real_bulletin, False)):
        with zipfile.ZipFile(made) as archive:
            headers = [archive.read(name) for name in archive.namelist() if name.startswith("word/header")]
        assert len(headers) == 2
        assert all((b"PowerPlusWaterMark" in header) is marked for header in headers)


def test_nothing_of_the_template_is_left_and_no_mark_of_ours(demo_bulletin, real_bulletin):
    for path in (demo_bulletin[0], real_bulletin):
        text = words(path) + words(path, "word/footnotes.xml")
        assert not re.search("[{}\ufdd0-\ufdef]", text)
        assert "None" not in text
        assert "nan" not in text.lower()


def test_a_month_without_a_ledger_says_so_and_is_not_counted_as_nothing_done(real, folder, no_pictures):
    if "2026-09" in Papers(real).ledger_months:
        pytest.skip("the ledger has this month")
    export_bulletin(real, parse_month("2026-09"), folder / "september.docx")
    assert "2026年9月及以前各月均无台账报送,不作零处理" in words(folder / "september.docx")


def test_a_month_of_which_nothing_was_returned_is_no_month_without_delay(
    changed_release, demo, nothing_returned
):
    *_, before, newest = Papers(demo).ledger_months
    silent = run_query(
        demo, f"select count(*) from task_ledger where period = '{newest}' and status <> 'not_assignable'"
    ).item()
    papers = Papers(changed_release(nothing_returned(newest)))
    assert papers.ledger_months[-1] == before
    assert papers.ledger().rows[0]["month"] == before
    assert papers.overdue().rows == Papers(demo).overdue(before).rows
    assert papers.overdue(newest).rows == ()
    assert papers.overdue(newest).empty.endswith(f"月无报送为逾期的任务;未报送的{silent}项是否逾期不明")


def test_a_ledger_to_which_nothing_was_ever_returned_shows_every_line_as_not_returned(changed_release, demo):
    [newest] = run_query(demo, "select max(period) from task_ledger").row(0)
    papers = Papers(
        changed_release(
            "update task_ledger set status = 'not_submitted', rag = 'grey', source_row_ids = null"
            " where status <> 'not_assignable'"
        )
    )
    assert papers.ledger_months == ()
    lines = run_query(demo, f"select count(*) from task_ledger where period = '{newest}'").item()
    assert sum(row["tasks"] for row in papers.ledger().rows) == lines
    assert "项是否逾期不明" in papers.overdue().empty


def test_superset_workbook_and_site_take_the_same_month_of_the_ledger(demo):
    rows = "select distinct period from ({}) where is_latest and is_followed"
    sql = datasets(tables(demo))["task_ledger"].sql
    with facts.opened(demo) as asked:
        site = views.ledger(asked)["period"]
    assert (
        run_query(demo, rows.format(sql))["period"].to_list()
        == [Papers(demo).ledger().rows[0]["month"]]
        == [site]
    )


def test_what_is_counted_over_demo_and_real_says_how_much_of_it_is_demo(demo, demo_bulletin):
    text = words(demo_bulletin[0])
    for found in Papers(demo).by_colour().values():
        demos = sum(one.demo for one in found)
        mark = "" if not demos else "【演示】" if demos == len(found) else f"【含演示{demos}】"
        assert f"){mark}{len(found)}项" in re.sub(r"\[\d*\]", "", text)


def test_a_month_of_which_no_list_was_seen_is_not_a_month_without_change(
    changed_release, folder, no_pictures
):
    release = changed_release("delete from fct_green_event where effective_on >= date '2026-11-01'")
    export_bulletin(release, parse_month("2026-11"), folder / "no_list.docx")
    assert "本月未见新的名单,变动不明。" in words(folder / "no_list.docx")
    assert "本月全市名单新增" not in words(folder / "no_list.docx")


def test_the_published_coverage_is_the_published_one_whatever_the_target_is_judged_by(
    changed_release, folder, no_pictures
):
    release = changed_release(
        "update plan_progress set value = 80.32, data_origin = 'submitted' where indicator_code = 'digital_coverage'"
    )
    export_bulletin(release, parse_month("2026-11"), folder / "published.docx")
    text = re.sub(r"\[\d*\]", "", words(folder / "published.docx"))
    assert "公布的全市覆盖率:93%(截至2025年7月31日)。" in text


def test_a_target_without_a_number_has_the_unit_of_its_indicator(demo):
    [line] = [one.target for one in Papers(demo).standings if one.target.target_value is None]
    assert (line.target_id, line.value_text) == ("TG15", with_unit(line.value, "%"))


def test_a_template_that_a_clerk_edited_is_used_and_a_name_that_is_not_there_is_told(
    real, folder, monkeypatch
):
    import docx

    monkeypatch.setattr(bulletin._Context, "make", lambda self: ({"title": "关于通报"}, ()))
    template = docx.Document()
    template.add_paragraph("{{ title }},请阅。")
    template.save(str(folder / "mine.docx"))
    export_bulletin(real, parse_month("2026-11"), folder / "of_mine.docx", folder / "mine.docx")
    assert words(folder / "of_mine.docx") == "关于通报,请阅。"
    for wrong in ("{{ tilte }}", "{{ title.__class__.__mro__ }}", "{% for %}"):
        template = docx.Document()
        template.add_paragraph(wrong)
        template.save(str(folder / "wrong.docx"))
        with pytest.raises(ExportError, match=r"wrong\.docx"):
            export_bulletin(real, parse_month("2026-11"), folder / "out.docx", folder / "wrong.docx")
    (folder / "text.docx").write_text("no document")
    with pytest.raises(ExportError, match="no Word document"):
        export_bulletin(real, parse_month("2026-11"), folder / "out.docx", folder / "text.docx")
    assert not (folder / "out.docx").exists()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("bulletin", "--month", "2026-13", "-o", "x.docx"), "expected a month such as 2026-11"),
        (("bulletin", "--month", "2027-01", "-o", "x.docx"), "the month lies ahead"),
        (
            ("bulletin", "--month", "2026-11", "--as-of", "2026-10-31", "-o", "x.docx"),
            "lies before 2026-11 begins",
        ),
        (("xlsx", "--month", "2026-11", "-o", "x.xlsx"), "--month is for bulletin"),
        (("bulletin", "--mart", "dim_area", "-o", "x.docx"), "--mart is for xlsx"),
        (("bulletin", "-o", "x.doc"), "ends in .docx"),
    ],
)
def test_what_makes_no_sense_is_bad_usage_with_a_reason(
    asked, told, real_home, monkeypatch, capsys, tmp_path
):
    from orchestration import cli

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BLUE_LEDGER_HOME", str(real_home.root))
    monkeypatch.setattr("sys.argv", ["blue-ledger", "export", *asked])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


# ── the page of targets ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_of_targets_is_one_page_with_every_value_and_its_own_font(demo, folder):
    import pypdfium2

    export_targets_pdf(demo, folder / "targets.pdf")
    content = (folder / "targets.pdf").read_bytes()
    book = pypdfium2.PdfDocument(io.BytesIO(content))
    assert len(book) == 1
    assert [round(side) for side in book[0].get_size()] == [842, 595]
    text = book[0].get_textpage().get_text_range()
    flat = re.sub(r"\s+", "", text)
    for one in Papers(demo).standings:
        assert one.target.target_id in flat
        assert re.sub(r"\s+", "", one.target.value_text) in flat
        assert re.sub(r"\s+", "", one.status_text) in flat
    assert "征求意见稿" in flat
    assert DEMO_WARNING in flat
    assert b"FontFile" in content
    # its bytes differ in the order of fonts, which is vl-convert's own; what is drawn does not
    assert targets_pdf.page(Papers(demo)) == targets_pdf.page(Papers(demo))


def test_a_machine_without_chinese_fonts_refuses_the_page_and_makes_the_bulletin_without_pictures(
    real, real_bulletin, folder, no_pictures
):
    with pytest.raises(ExportError, match="fonts-noto-cjk"):
        export_targets_pdf(real, folder / "boxes.pdf")
    assert not (folder / "boxes.pdf").exists()
    assert "本机无中文字体,图未绘出" in words(real_bulletin)


def test_a_machine_with_chinese_fonts_draws_every_chart_of_the_bulletin(demo_bulletin):
    with zipfile.ZipFile(demo_bulletin[0]) as archive:
        pictures = [archive.read(name) for name in archive.namelist() if name.startswith("word/media/")]
    assert len(pictures) == 3
    assert all(picture.startswith(b"\x89PNG") and len(picture) > 10_000 for picture in pictures)
    assert "图未绘出" not in words(demo_bulletin[0])


def test_the_template_that_ships_is_the_one_that_is_made(tmp_path):
    from warehouse import bulletin_template

    bulletin_template.make(tmp_path / "made.docx")
    assert words(tmp_path / "made.docx") == words(bulletin_template.TEMPLATE)


def test_no_day_of_the_bulletin_lies_after_what_was_known(demo, demo_bulletin):
    known = Papers(demo).head["as_of"]
    for found in re.findall(r"\d{4}-\d{2}-\d{2}公布", words(demo_bulletin[0], "word/footnotes.xml")):
        assert date.fromisoformat(found[:10]) <= known


def test_a_sentence_finds_its_target_by_what_it_measures_and_not_by_its_number(demo):
    papers = Papers(demo)
    asked = [
        ("digital_coverage", None, "TG06"),
        ("green_unit_count", "provincial_or_above", "TG07"),
        ("green_unit_count", "municipal", "TG08"),
        ("cluster_count", "municipal", "TG05"),  # of two, the one whose year comes first
        ("cluster_new", "provincial", "TG14"),
    ]
    assert [papers.standing_of(code, tier).target.target_id for code, tier, _ in asked] == [
        id_ for _, _, id_ in asked
    ]
    assert papers.standing_of("cluster_new") is None and papers.standing_of("tonnage", "municipal") is None


def test_more_targets_than_a_page_holds_are_refused_and_not_cut_off(demo, monkeypatch):
    papers = Papers(demo)
    monkeypatch.setattr(papers, "standings", papers.standings * 5)
    with pytest.raises(ExportError, match="more targets than one page holds"):
        targets_pdf.page(papers)
