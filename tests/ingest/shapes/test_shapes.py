"""Every shape in which tables are printed is read by a declared layout: its figures, each with its cell."""

from __future__ import annotations

import polars as pl
import pytest

from ingest.parse import Unreadable
from tests.ingest.shapes import builders

pytestmark = pytest.mark.slow

FIGURE = ("source_locator", "area_id", "indicator_code", "period_id", "value", "unit", "growth_pct")
ENTRY = ("tier", "category", "batch", "status", "seq_text", "name_text", "county_area_id")


def figures(parsed, *more: str) -> list[tuple]:
    """The figures in the order of their indicators, and proof that every row of the document is told of."""
    assert parsed.rejected.rows(named=True) == []
    assert parsed.rows_in == parsed.rows_raw + sum(parsed.furniture.values())
    return sorted(parsed.rows.select(*FIGURE, *more).rows(), key=lambda row: (row[3], row[2], row[1]))


# ── 2: a table scraped to one cell a line ────────────────────────────────────────────────────────────────────────

BULLETIN = {"layout": "district_bulletin_table", "name": "奎文区2021年公报.txt"}


def test_a_flattened_table_is_read_by_its_lines(read_as):
    parsed = read_as(builders.flattened_bulletin(), **BULLETIN)
    assert figures(parsed, "indicator_text", "value_text") == [
        ("!A11", "kuiwen", "gdp", "2021", 334.8, "100m_cny", 10.4, "生产总值[2]", "334.8"),
        ("!A15", "kuiwen", "gdp_secondary_va", "2021", 48.69, "100m_cny", -3.1, "第二产业", "48.69"),
        ("!A23", "kuiwen", "gdp_tertiary_va", "2021", 286.11, "100m_cny", 11.4, "第三产业", "286.11*"),
    ]
    assert parsed.furniture == {
        "beside the table": 5,
        "blank": 2,
        "further cell of a row": 15,
        "header": 1,
        "not kept": 1,
    }


def test_a_flattened_table_that_lost_a_cell_is_refused(read_as):
    with pytest.raises(Unreadable, match=r"lines 5 to 23 hold 19 cells; expected rows of 4"):
        read_as(builders.flattened_bulletin().replace("48.69\n", ""), **BULLETIN)


def test_a_flattened_table_with_another_header_names_the_line(read_as):
    with pytest.raises(Unreadable, match=r"found '比去年增长\(%\)' in cell !A8, which is not expected"):
        read_as(builders.flattened_bulletin().replace("比上年", "比去年"), **BULLETIN)
    with pytest.raises(Unreadable, match="expected a line '指标', at which the table begins; none of 2 is"):
        read_as("统计公报\n没有表", **BULLETIN)


# ── 3: a monthly PDF ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_monthly_pdf_with_missing_cells_and_spaces_for_thousands(read_as):
    parsed = read_as(builders.monthly_pdf(), "2021.1-4.pdf", layout="monthly_indicators")
    # the label says (1-上月): its figures are those of one month less; a growth rate may stand without its figure
    assert figures(parsed, "value_text") == [
        (f"page{page}/text!{cell}", "weifang", code, period, value, unit, growth, text)
        for page, cell, code, period, value, unit, growth, text in (
            (2, "E1", "above_scale_output", "2021-01..2021-04", 19278.1, "100m_cny", -0.4, "19 278.1"),
            (1, "E7", "above_scale_va", "2021-01..2021-04", None, None, 9.1, None),
            (1, "E3", "gop", "2021-01..2021-04", 560.4, "100m_cny", 6.2, "560.4"),
            (1, "E4", "ocean_industry_va", "2021-01..2021-04", 210.7, "100m_cny", None, "210.7"),
            (2, "C1", "above_scale_output", "2021-04", 1731.9, "100m_cny", 7.5, "1 731.9"),
            (1, "C7", "above_scale_va", "2021-04", None, None, 7.5, None),
            (2, "E2", "above_scale_revenue", "2021Q1", 4310.5, "100m_cny", 10.2, "4 310.5"),
        )
    ]
    assert parsed.furniture == {"header": 2, "not kept": 4, "page mark": 2}


# ── 4: a yearbook's page ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_yearbooks_page_of_counties_in_gbk_with_money_in_wan(read_as):
    address = "http://tjj.shandong.gov.cn/tjnj/nj2016/html\\C2101.htm"
    parsed = read_as(builders.yearbook_page(), address, layout="yearbook_counties")
    found = {(row[1], row[2]): row[4:] for row in figures(parsed, "value_text", "unit_text")}
    assert found["kuiwen", "gdp"] == (287.1204, "100m_cny", None, "2871204", "(万元)")
    assert found["kuiwen", "above_scale_industrial_enterprises"] == (112.0, "count", None, "112", "(个)")
    assert found["shouguang", "above_scale_output"] == (1520.031, "100m_cny", None, "15 200 310", "(万元)")
    # nothing printed, a dash, … and 0 are four prints: no record, twice no value, and nought
    assert ("fangzi", "above_scale_output") not in found
    assert found["shouguang", "above_scale_industrial_enterprises"] == (None, None, None, "-", "(个)")
    assert found["changle", "above_scale_industrial_enterprises"] == (None, None, None, "…", "(个)")
    assert found["changle", "gdp"] == (0.0, "100m_cny", None, "0", "(万元)")
    assert len(found) == 9
    cells = dict(parsed.rows.select("source_locator", "area_text").rows())
    assert cells["table1!C8"] == "\u3000坊子区①"
    assert parsed.furniture == {"header": 4, "no figure": 1, "note": 1}


# ── 5: the statutory form ────────────────────────────────────────────────────────────────────────────────────────

FORM = [
    ("C13", "gop", "2024Q2", 420.1, 5.3),
    ("D13", "gop", "2024H1", 801.5, 5.1),
    ("E13", "gop", "2023Q2", 398.2, None),
    ("F13", "gop", "2023H1", 760.4, None),
    ("C14", "ocean_primary_va", "2024Q2", 40.5, 1.2),
    ("D14", "ocean_primary_va", "2024H1", 61.0, 1.0),
    ("E14", "ocean_primary_va", "2023Q2", 39.9, None),
    ("F14", "ocean_primary_va", "2023H1", 60.2, None),
    ("C15", "ocean_secondary_va", "2024Q2", 180.2, 6.4),
    ("D15", "ocean_secondary_va", "2024H1", 350.4, 6.0),
    ("E15", "ocean_secondary_va", "2023Q2", 170.0, None),
    ("F15", "ocean_secondary_va", "2023H1", 333.1, None),
    ("C16", "ocean_tertiary_va", "2024Q2", 199.4, None),
    ("D16", "ocean_tertiary_va", "2024H1", 390.1, None),
    ("E16", "ocean_tertiary_va", "2023Q2", 188.3, None),
    ("F16", "ocean_tertiary_va", "2023H1", 367.1, None),
    ("C17", "ocean_industry_va", "2024Q2", 150.3, 0.0),
    ("D17", "ocean_industry_va", "2024H1", 290.8, 4.4),
]


@pytest.mark.parametrize(
    ("made", "name", "grid"),
    [(builders.xlsx, "海核1表.xlsx", "Sheet1"), (builders.html, "海核1表.html", "table1")],
)
def test_the_statutory_form_with_three_header_levels(read_as, made, name, grid):
    content = made(builders.OCEAN_FORM, builders.OCEAN_FORM_MERGED)
    parsed = read_as(content, name, layout="ocean_accounts_form")
    expected = [
        (f"{grid}!{cell}", "weifang", code, period, value, "100m_cny", growth)
        for cell, code, period, value, growth in FORM
    ]
    assert figures(parsed) == sorted(expected, key=lambda row: (row[3], row[2], row[1]))
    assert parsed.furniture == {"header": 12, "not kept": 8, "footer": 2}
    printed = parsed.rows.filter(pl.col("indicator_code") == "ocean_primary_va")
    assert set(printed["indicator_text"].str.strip_chars()) == {"其中：海洋第一产业"}
    dashes = parsed.rows.filter(pl.col("growth_text").is_in(["-", "…"])).select("growth_text", "growth_pct")
    assert dashes.rows() == [("-", None), ("…", None)]
    assert dict(parsed.rows.select("period_id", "growth_basis").rows())["2024H1"] == "constant"


def test_a_row_that_the_form_does_not_know_is_quarantined_with_its_label(read_as):
    rows = [
        ["海洋药物和生物制品业", *row[1:]] if row[0] == "海洋科研教育" else row for row in builders.OCEAN_FORM
    ]
    parsed = read_as(builders.xlsx(rows), "海核1表.xlsx", layout="ocean_accounts_form")
    assert parsed.rejected.select("source_locator", "field", "reason").rows() == [
        ("Sheet1!C23", "indicator", "unknown indicator '海洋药物和生物制品业'")
    ]


@pytest.mark.parametrize(
    ("row", "text", "message"),
    [
        (
            1,
            "2024年上半年",
            r"the title in cell Sheet1!A2 is '2024年上半年'; expected one such as '2025年第3季度'",
        ),
        (7, "综合机关名称:演示", r"expected the unit of all figures, such as 单位:亿元, in row 1: "),
    ],
)
def test_a_form_that_does_not_say_its_period_or_unit_is_refused(read_as, row, text, message):
    rows = [*builders.OCEAN_FORM[:row], [text], *builders.OCEAN_FORM[row + 1 :]]
    with pytest.raises(Unreadable, match=message):
        read_as(builders.xlsx(rows), "海核1表.xlsx", layout="ocean_accounts_form")


# ── 8: zones that overlap counties ───────────────────────────────────────────────────────────────────────────────


def test_a_zones_scope_is_kept_and_the_total_left_out(read_as):
    parsed = read_as(builders.xlsx(builders.zone_table()), layout="county_figures_table")
    found = {row[1]: row[4:] for row in figures(parsed, "area_text", "area_scope_note", "growth_text")}
    assert found["kuiwen"] == (334.8, "100m_cny", 10.4, "奎 文 区", None, "10.4")
    assert found["hanting"] == (203.0, "100m_cny", 9.9, "寒亭区(含经济开发区)", "含经济开发区", "9.9")
    assert found["fangzi"] == (123.4, "100m_cny", 8.0, "坊子区(不含峡山区)[1]", "不含峡山区", "8.0")
    assert [row[2:] for row in found.values() if row[5] == "-"] == [(None, "高新技术产业开发区", None, "-")]
    assert len(found) == 5
    assert parsed.furniture == {"header": 3, "not kept": 1, "note": 1}


# ── 9: lists ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("announced", "status"), [("公示", "proposed"), ("公布", "granted")])
@pytest.mark.parametrize(("made", "name"), [(builders.xlsx, "名单.xlsx"), (builders.html, "名单.html")])
def test_a_list_of_all_levels_says_of_each_entry_its_level(read_as, made, name, announced, status):
    list_of = {"dataset": "green_list_entries", "layout": "green_list_by_level"}
    parsed = read_as(made(builders.level_list(announced)), name, **list_of)
    assert parsed.rejected.rows() == []
    assert parsed.rows.select(ENTRY).rows() == [
        ("provincial", "factory", "2025", status, "1", "潍坊澥鑫机械有限公司", "shouguang"),
        ("provincial", "factory", "2025", status, "2", "潍坊滃鑫机械（演示）有限公司", "changyi"),
        ("provincial", "park", "2025", status, "1", "潍坊澥鑫工业园区", "binhai"),
        ("municipal", "supply_chain", "2025", status, "1", "潍坊溔鑫供应链有限公司", "gaoxin"),
    ]
    assert parsed.furniture == {"header": 2, "group": 3, "note": 1}


NATIONAL = {"dataset": "green_list_entries"}
COMPANIES = [f"潍坊澥鑫第{n}机械制造与海洋装备科技股份有限公司（演示）" for n in range(1, 91)]


@pytest.mark.parametrize(
    ("layout", "header", "category"),
    [
        ("national_green_list_pdf_park", "园区名称", "park"),
        # the publisher left the parks' header over names of enterprises
        ("national_green_list_pdf_supply_chain", "园区名称", "supply_chain"),
    ],
)
@pytest.mark.parametrize("repeated", [True, False])
def test_a_list_as_a_pdf_runs_on_over_its_pages(read_as, layout, header, category, repeated):
    rows = [["序号", "地区", header], *([str(n), "山东", name] for n, name in enumerate(COMPANIES, start=1))]
    content = builders.ruled_pdf(rows, [20, 30, 60], repeated)
    parsed = read_as(content, "名单.pdf", layout=layout, **NATIONAL)
    assert parsed.rows["name_text"].to_list() == COMPANIES
    assert parsed.rows["seq_text"].to_list() == [str(n) for n in range(1, 91)]
    assert set(parsed.rows["category"]) == {category}
    pages = parsed.rows["source_locator"].str.extract(r"page(\d+)").n_unique()
    assert pages > 1
    assert parsed.furniture == {"header": pages if repeated else 1}


def test_the_list_of_factories_names_its_assessors(read_as):
    header = ["序号", "地区", "工厂名称", "第三方评价机构名称"]
    rows = [
        header,
        *([str(n), "山东", name, "演示认证中心有限公司"] for n, name in enumerate(COMPANIES, start=1)),
    ]
    parsed = read_as(
        builders.ruled_pdf(rows, [15, 20, 60, 60]), "名单.pdf", layout="national_green_list_pdf", **NATIONAL
    )
    assert parsed.rows["name_text"].to_list() == COMPANIES
    assert set(parsed.rows["assessor_text"]) == {"演示认证中心有限公司"}
