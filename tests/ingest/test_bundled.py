"""The bundled figures and lists are what their README says. How they are read is tested with the readers."""

import csv
import io
import re
from functools import cache
from pathlib import Path

import pytest
from lxml import html
from python_calamine import CalamineWorkbook

from ingest.normalise.units import parse_unit, to_canonical

ROOT = Path(__file__).parents[2]
BUNDLED = ROOT / "ingest" / "bundled"
STATISTICS = BUNDLED / "statistics"
GREEN = BUNDLED / "green"
SEEDS = ROOT / "dbt_project" / "seeds"

GREEN_LISTS = {"绿色工厂": "factories", "绿色工业园区": "parks", "绿色供应链管理企业": "supply_chains"}
COLUMNS = "地区 指标 时期 数值 单位 增速(%) 增速口径 版次 标题 网址 发布日期 来源级别 采用 不采用原因 备注"
TABLES = {
    "gop_weifang_shandong.csv": "utf-8",
    "gdp_city_province.csv": "utf-8",
    "county_gdp_other.csv": "utf-8",
    "digital_and_industry_gb18030.csv": "gb18030",
}
REASONS = {
    "target",
    "lower_bound",
    "estimate",
    "suspect",
    "undated",
    "other_scope",
    "unit_misprint",
    "derived",
    "rounded_text",
    "proposed",
}
NO_ACTUAL = re.compile("目标|预计|疑似|误写|不可入库|年份未注明|年份为推断|超过|突破")


def table(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(encoding))))


def web_table(path: Path) -> list[dict[str, str]]:
    """Rows of a page's one table; a cell merged downwards is repeated."""
    found = html.fromstring(path.read_bytes().decode("utf-8")).find(".//table")
    headers = [cell.text_content() for cell in found.iterfind(".//th")]
    rows, first = [], None
    for row in found.find("tbody").iterfind("tr"):
        cells = [cell.text_content() for cell in row.iterfind("td")]
        if len(cells) == len(headers):
            first = cells[0]
        else:
            cells = [first, *cells]
        rows.append(dict(zip(headers, cells, strict=True)))
    return rows


@cache
def sheet(name: str) -> list[list]:
    path = str(STATISTICS / "national_ocean_economy.xlsx")
    return CalamineWorkbook.from_path(path).get_sheet_by_name(name).to_python()


@cache
def green_list(kind: str) -> list[dict[str, str]]:
    return table(GREEN / f"national_green_{GREEN_LISTS[kind]}.csv")


@cache
def figures() -> list[dict[str, str]]:
    """Every figure of the tidy files, as text."""
    rows = [row for name, encoding in TABLES.items() for row in table(STATISTICS / name, encoding)]
    rows += web_table(STATISTICS / "green_and_cluster_counts.html")
    header, *body = sheet("取整数")
    return rows + [dict(zip(header, map(str, cells), strict=True)) for cells in body]


def values(area: str, indicator: str, period: str, adopted: str = "是") -> list[str]:
    key = (area, indicator, period, adopted)
    return [r["数值"] for r in figures() if (r["地区"], r["指标"], r["时期"], r["采用"]) == key]


def test_the_tidy_files_share_their_columns_and_hold_222_figures():
    assert all(" ".join(row) == COLUMNS for row in figures())
    assert len(figures()) == 222


def test_an_adopted_figure_has_no_reason_and_a_withheld_one_has_one():
    adopted = [row for row in figures() if row["采用"] == "是"]
    withheld = [row for row in figures() if row["采用"] == "否"]
    assert (len(adopted), len(withheld)) == (164, 58)
    assert {row["不采用原因"] for row in adopted} == {""}
    assert {row["不采用原因"] for row in withheld} <= REASONS


def test_no_adopted_figure_is_a_target_an_estimate_or_a_bound():
    adopted = [row for row in figures() if row["采用"] == "是"]
    assert [row for row in adopted if NO_ACTUAL.search(row["版次"])] == []
    assert [row for row in adopted if not re.match(r"20\d\d", row["时期"])] == []


def test_every_figure_names_its_source():
    assert all(row["标题"] and row["来源级别"] in "OPME" for row in figures())
    without_address = {row["标题"] for row in figures() if not row["网址"]}
    assert len(without_address) == 3
    assert all("未取得网址" in row["备注"] for row in figures() if not row["网址"])


def test_every_growth_rate_states_its_basis_or_that_none_was_stated():
    assert all(bool(row["增速(%)"]) == bool(row["增速口径"]) for row in figures())
    assert {row["增速口径"] for row in figures()} == {"", "可比价", "现价", "未注明"}


def test_the_citys_ocean_product_of_2023_and_2024_is_adopted():
    assert "1703.42" in values("潍坊市", "海洋生产总值", "2024")
    assert values("潍坊市", "海洋生产总值", "2023") == ["1596.8"]
    assert set(values("潍坊市", "地区生产总值", "2024")) == {"8203.2"}


@pytest.mark.parametrize(
    ("area", "indicator", "period", "value", "reason"),
    [
        ("潍坊市", "海洋生产总值", "2027", "2000", "target"),
        ("山东省", "海洋生产总值", "2022H1", "1.49", "suspect"),
        ("潍坊市", "地区生产总值", "2022", "7306.5", "unit_misprint"),
        ("潍坊市", "海洋生产总值占全省海洋生产总值比重", "2024", "1/10", "rounded_text"),
        ("山东省", "规上工业企业数字化转型覆盖率", "2025", "95", "lower_bound"),
        ("寿光市", "省级以上绿色工厂、智能工厂合计", "2023-03", "9", "other_scope"),
        ("寿光市", "地区生产总值", "未注明", "787", "undated"),
        ("安丘市", "地区生产总值", "2023", "450", "estimate"),
    ],
)
def test_what_is_no_actual_figure_is_kept_but_withheld(area, indicator, period, value, reason):
    assert values(area, indicator, period) == []
    same = [r for r in figures() if (r["地区"], r["指标"], r["时期"]) == (area, indicator, period)]
    assert [(row["数值"], row["不采用原因"]) for row in same] == [(value, reason)]


def test_the_gb18030_file_is_not_utf8():
    content = (STATISTICS / "digital_and_industry_gb18030.csv").read_bytes()
    assert content.decode("gb18030").startswith("地区,指标,")
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


def test_the_16_listed_units_of_the_2021_bulletin_make_6994_8():
    text = (STATISTICS / "county_gdp_2021_bulletin.txt").read_text(encoding="utf-8")
    listed = text.splitlines()[-1].removeprefix("分县市区看,").removesuffix("。").split(",")
    amounts = [re.fullmatch(r"(\D+?)(\d+\.\d)亿元", item).groups() for item in listed]
    assert len(amounts) == 16
    assert round(sum(float(value) for _, value in amounts), 1) == 6994.8
    assert "寒亭区(含经济开发区)" in dict(amounts)
    assert "全市地区生产总值7010.6亿元" in text


def test_the_national_sheet_has_merged_headers_a_unit_row_and_notes_below():
    rows = sheet("海洋生产总值")
    assert rows[2][1] == "海洋生产总值" and rows[3][1:3] == ["总量", "比上年增长"]
    assert rows[4][1:5] == ["亿元", "%", "%", "%"]
    data = [row for row in rows[5:] if not str(row[0]).startswith("注:")]
    assert len(data) == 14
    assert sum(cell != "" for row in data for cell in (*row[1:2], *row[3:9])) == 43
    assert [row[1] for row in data if row[0] == 2020] == [80010, 79550]


def test_the_two_shares_of_the_nation_stand_in_columns_of_their_own():
    shares = {int(r[0]): (r[3], r[4]) for r in sheet("海洋生产总值")[5:] if r[3] != "" or r[4] != ""}
    assert shares[2020] == ("", 14.9) and shares[2021] == ("", 15.0)
    assert shares[2018] == (9.3, "") and shares[2022] == (7.8, "")


def test_the_national_green_lists_are_complete():
    sizes = {kind: len(green_list(kind)) for kind in GREEN_LISTS}
    assert sizes == {"绿色工厂": 2783, "绿色工业园区": 224, "绿色供应链管理企业": 296}


def test_every_batch_of_every_list_has_its_notice():
    notices = {(row["名单种类"], row["批次"]) for row in table(GREEN / "national_green_notices.csv")}
    printed = {(kind, row["批次"]) for kind in GREEN_LISTS for row in green_list(kind)}
    assert printed == notices
    assert len(notices) == 18


def test_every_attributed_title_stands_on_a_list_under_that_very_name():
    listed = {(kind, row["批次"], row["名称"]) for kind in GREEN_LISTS for row in green_list(kind)}
    attributed = table(GREEN / "weifang_attributions.csv")
    assert len(attributed) == 21
    assert {(row["名单种类"], row["批次"], row["名称"]) for row in attributed} <= listed
    grades = [row["依据级别"] for row in attributed]
    assert {grade: grades.count(grade) for grade in set(grades)} == {
        "register": 6,
        "place_name": 7,
        "page": 7,
        "unverified": 1,
    }


def test_of_the_provincial_clusters_only_weifangs_is_known_to_be_granted():
    clusters = web_table(BUNDLED / "clusters" / "provincial_clusters.html")
    [granted] = [row for row in clusters if row["状态"] == "已公布"]
    assert (granted["市"], granted["名称"], granted["县区(园区)"]) == ("潍坊市", "(名称未见)", "")
    assert sum(row["状态"] == "拟认定" for row in clusters) == 7


def test_no_page_is_quoted():
    headers = [set(row) for row in figures()]
    headers += [set(table(path)[0]) for path in GREEN.glob("*.csv")]
    headers += [set(map(str, row)) for row in sheet("海洋生产总值")[2:4]]
    assert not any({"quote", "原文", "引文"} & header for header in headers)


def test_every_printed_indicator_has_one_code():
    aliases = table(SEEDS / "indicator_aliases.csv")
    codes = [row["indicator_code"] for row in table(SEEDS / "indicators.csv")]
    assert len({row["alias"] for row in aliases}) == len(aliases)
    assert len(set(codes)) == len(codes)
    assert {row["indicator_code"] for row in aliases} == set(codes)
    assert {row["指标"] for row in figures()} <= {row["alias"] for row in aliases}


def test_every_target_measures_a_known_indicator():
    codes = {row["indicator_code"] for row in table(SEEDS / "indicators.csv")}
    assert {row["indicator_code"] for row in table(SEEDS / "plan" / "plan_targets.csv")} <= codes


def test_every_adopted_figure_is_plausible_and_has_its_indicators_unit():
    code_of = {row["alias"]: row["indicator_code"] for row in table(SEEDS / "indicator_aliases.csv")}
    indicator = {row["indicator_code"]: row for row in table(SEEDS / "indicators.csv")}
    levels = {"全国": "nation", "山东省": "province", "潍坊市": "city"}
    for row in figures():
        if row["采用"] == "否" or not row["数值"]:
            continue
        expected, unit = indicator[code_of[row["指标"]]], parse_unit(row["单位"])
        level = levels.get(row["地区"], "county")
        low, high = float(expected[f"{level}_min"]), float(expected[f"{level}_max"])
        assert unit.code == expected["unit"], row
        assert low <= to_canonical(row["数值"], unit) <= high, row


@pytest.mark.parametrize("factor", [10_000, 10])
def test_the_citys_figures_in_a_wrong_unit_are_implausible(factor):
    expected = {row["indicator_code"]: row for row in table(SEEDS / "indicators.csv")}
    for code, value in {"gop": 1703.42, "gdp": 8203.2, "digital_coverage": 93}.items():
        low, high = float(expected[code]["city_min"]), float(expected[code]["city_max"])
        assert low <= value <= high
        assert value * factor > high
        assert value / factor < low
