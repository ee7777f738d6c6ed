"""Bulletins by the shipped layouts: every form of sentence with the figures it gives, and one like it that gives none.

The texts are made for these tests; years to come keep them apart from what was published.
"""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import layout, readers
from ingest.layout import LayoutError
from ingest.normalise.units import parse_unit, to_canonical
from ingest.parse import Unreadable
from ingest.parsers.found import LOCATOR
from ingest.parsers.records import find

pytestmark = pytest.mark.slow

TITLE = "2031年潍坊市国民经济和社会发展统计公报"
OCEAN_TITLE = "2031年中国海洋经济统计公报"
CITY, OCEAN = layout.load("city_bulletin"), layout.load("ocean_bulletin")


def read(text: str, title: str = TITLE, declared=CITY):
    """The figures and unread sentences of a text below a title."""
    grids = readers.read(f"{title}\n{text}".encode(), "b.txt", "text")
    found = find(grids, declared, "b.txt", "value")
    assert found.lost == 0
    return found


def figures(text: str, *fields: str, **below) -> list[tuple]:
    found = read(text, **below)
    assert found.unread == ()
    frame = found.frame
    return [tuple(row.get(name) for name in fields) for row in frame.iter_rows(named=True)]


def refusal(text: str, **below) -> tuple[str, str]:
    found = read(text, **below)
    assert found.frame.height == 0
    [unread] = found.unread
    assert unread.row_text == text.strip()
    return unread.reason, unread.expected


UNCOVERED = ("no declared sentence covers this text", "a sentence that the layout declares")


# ── forms, each with its figure ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "value", "unit", "growth"),
    [
        ("全市实现生产总值(GDP)7010.6亿元,按可比价格计算,比上年增长9.7%。", "7010.6", "亿元", "9.7"),
        ("全市实现生产总值（GDP）7010.6亿元，按可比价格计算，比上年增长9.7％。", "7010.6", "亿元", "9.7"),
        ("全市地区生产总值达0.98万亿元、同比增长5.7%", "0.98", "万亿元", "5.7"),
        ("地区生产总值达到98200000万元", "98200000", "万元", None),
        ("地区生产总值 9820.5 亿元。", "9820.5", "亿元", None),
        ("地区生产总值9,820.5亿元。", "9,820.5", "亿元", None),
        ("潍坊GDP为9820亿元,较上年增长5.5%。", "9820", "亿元", "5.5"),
        ("地区生产总值超过9800亿元。", "超过9800", "亿元", None),
        ("地区生产总值首次突破9800亿元。", "首次突破9800", "亿元", None),
        ("地区生产总值首次突破9000亿元大关,达9820.5亿元,增长5.5%。", "9820.5", "亿元", "5.5"),
        ("地区生产总值已突破9800亿元。", "突破9800", "亿元", None),
        ("地区生产总值约9800亿元。", "约9800", "亿元", None),
        ("地区生产总值达到9800亿元左右。", "9800左右", "亿元", None),
        ("地区生产总值9800亿元以上。", "9800以上", "亿元", None),
        ("地区生产总值9820亿元,可比增长7.7%。", "9820", "亿元", "7.7"),
        ("地区生产总值9820亿元,同口径增长7.7%。", "9820", "亿元", "7.7"),
        ("地区生产总值9820亿元,比上年下降0.3%。", "9820", "亿元", "-0.3"),
        ("地区生产总值9820亿元,比2030年增长7.6%。", "9820", "亿元", "7.6"),
        ("地区生产总值9820亿元,比上年增长百分之八。", "9820", "亿元", "8"),
        ("地区生产总值9820亿元,同比下降百分之零点五。", "9820", "亿元", "-0.5"),
        ("地区生产总值9820亿元,恢复到上年的98.10%。", "9820", "亿元", "-1.90"),
        ("地区生产总值9820亿元,较2030年增量40亿元、增幅5.1%。", "9820", "亿元", "5.1"),
        ("地区生产总值增长5.5%,达到9820亿元。", "9820", "亿元", "5.5"),
        ("地区生产总值按可比价格计算增长5.5%。", None, None, "5.5"),
        ("潍坊全年实现GDP9820亿元、可比增长5.5%,居全省第四位。", "9820", "亿元", "5.5"),
        ("地区生产总值9820亿元,比上年增加40亿元。", "9820", "亿元", None),
        ("地区生产总值9820亿元,增长5.1%,高于全国0.3个百分点。", "9820", "亿元", "5.1"),
        ("地区生产总值9820亿元,增速比上年回落0.3个百分点。", "9820", "亿元", None),
        ("地区生产总值9820亿元,增长5.1%,总量居全省第四位。", "9820", "亿元", "5.1"),
    ],
)
def test_a_figure_is_read_with_its_bound_its_unit_and_its_growth(text, value, unit, growth):
    area = "潍坊" if "潍坊" in text else "潍坊市"
    assert figures(text, "area", "value", "unit", "growth") == [(area, value, unit, growth)]


@pytest.mark.parametrize(
    "text",
    [
        "地区生产总值回落0.5个百分点。",
        "地区生产总值高于全国0.3个百分点。",
        "地区生产总值增量40亿元。",
        "地区生产总值615、7亿元。",
        "地区生产总值787亿。",
        "地区生产总值从上年的9200亿元增加到9820亿元。",
        "去年地区生产总值9820亿元。",
        "“十四五”以来年均增长8.4%。",
        "地区生产总值9820亿元,恢复到2029年的98%。",
        "地区生产总值91[2]3亿元。",
        "地区生产总值91 23亿元。",
        "地区生产总值9820亿元,增长5—6%。",
        "地区生产总值9820亿元(约1300亿美元)。",
        "地区生产总值9820亿元,比上年增长9.7%,固定资产投资增长3.1%。",
    ],
)
def test_what_no_form_covers_is_set_aside_with_its_sentence(text):
    assert refusal(text) == UNCOVERED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("地区生产总值9820亿元,比2019年增长27.6%。", "growth over 2019 in a figure of 2031"),
        ("地区生产总值9820亿元,下降-5.3%。", "'下降-5.3%' states its sign twice"),
        ("地区生产总值9820亿元,增长百分之十百。", "'十百' is not one certain number"),
        ("全区实现地区生产总值982亿元。", "'全区' in a bulletin of '潍坊市'"),
        ("1-本月地区生产总值982亿元。", "'1-本月' under a title of '2031'"),
        ("地区生产总值982亿元。" + "甲" * 2_000, None),
    ],
)
def test_a_sentence_whose_parts_are_at_odds_says_how(text, reason):
    if reason:
        assert refusal(text)[0] == reason
    else:
        [unread] = read(text.replace("。", "")).unread
        assert unread.reason == "2011 characters without an end"


@pytest.mark.parametrize(
    ("mark", "basis"),
    [("按可比价格计算", "constant"), ("按不变价格计算", "constant"), ("按2030年不变价格计算", "constant")]
    + [("按现价计算", "current"), ("按当年价格计算", "current"), ("按名义计算", "current"), ("", None)],
)
def test_the_prices_of_a_growth_rate_are_those_that_are_said(read_as, mark, basis):
    parsed = read_as(
        f"{TITLE}\n地区生产总值9820亿元,{mark},增长5.1%。".replace(",,", ","), "b.txt", layout="city_bulletin"
    )
    assert parsed.rows.select("growth_pct", "growth_basis").rows() == [(5.1, basis)]


@pytest.mark.parametrize(
    ("word", "vintage"),
    [
        ("初步核算,", "preliminary"),
        ("根据省统计局统一核算结果,", "preliminary"),
        ("据初步测算,", "preliminary"),
        ("", "preliminary"),
    ]
    + [
        ("经最终核实,", "verified"),
        ("核实后的", "verified"),
        ("经普查修订后的", None),
        ("普查修订,", "census_revised"),
    ],
)
def test_the_vintage_is_the_one_that_is_said_and_else_the_bulletins_own(read_as, word, vintage):
    parsed = read_as(f"{TITLE}\n{word}2030年全市地区生产总值9820亿元。", "b.txt", layout="city_bulletin")
    assert parsed.rows["vintage"].to_list() == ([vintage] if vintage else [])
    assert parsed.rows["period_id"].to_list() == (["2030"] if vintage else [])


def test_a_revision_that_does_not_say_of_what_is_refused(read_as):
    parsed = read_as(f"{TITLE}\n修订后的2030年地区生产总值9820亿元。", "b.txt", layout="city_bulletin")
    assert parsed.rejected.select("field", "value_text").rows() == [("vintage", "修订后")]


@pytest.mark.parametrize("word", ["预计", "力争"])
def test_what_is_expected_or_hoped_for_is_no_actual_figure(read_as, word):
    text = f"{TITLE}\n{word}2032年地区生产总值超过11000亿元,增长6%以上。"
    [row] = read_as(text, "b.txt", layout="city_bulletin").rows.iter_rows(named=True)
    assert (row["is_actual"], row["withheld_reason"]) == (False, f"原文称“{word}”，不是实际数")
    assert (row["vintage"], row["operator"], row["value"]) == (
        {"预计": "estimate", "力争": "target"}[word],
        "gt",
        11000.0,
    )


@pytest.mark.parametrize(
    ("said", "title", "period"),
    [
        ("", "2031年", "2031"),
        ("2030年", "2031年", "2030"),
        ("2030年,", "2031年", "2030"),
        ("全年", "2031年", "2031"),
        ("上半年,", "2031年", "2031H1"),
        ("前三季度,", "2031年", "2031Q1-Q3"),
        ("1-9月,", "2031年", "2031Q1-Q3"),
        ("1—2月份", "2031年", "2031-01..2031-02"),
        ("一季度", "2031年", "2031Q1"),
        ("2031年第四季度", "2031年", "2031Q4"),
        ("", "2031年前三季度", "2031Q1-Q3"),
        ("", "2031年1-4月", "2031-01..2031-04"),
        ("1-本月", "2031年4月", "2031-01..2031-04"),
        ("1-上月", "2031年4月", "2031Q1"),
        ("本月", "2031年4月", "2031-04"),
        ("截至2030年底", "2031年", "2030-12-31"),
        ("年末", "2031年", "2031-12-31"),
    ],
)
def test_the_period_of_a_sentence_comes_before_that_of_the_title(read_as, said, title, period):
    text = f"{title}潍坊市国民经济运行情况\n{said}全市生产总值9820亿元。"
    assert read_as(text, "b.txt", layout="city_bulletin").rows["period_id"].to_list() == [period]


@pytest.mark.parametrize("said", ["“十四五”期间", "2021-2024年"])
def test_a_span_of_years_is_no_period_of_a_figure(read_as, said):
    parsed = read_as(f"{TITLE}\n{said}全市生产总值9820亿元。", "b.txt", layout="city_bulletin")
    assert parsed.rejected["reason"].str.ends_with("is no definite period").to_list() == [True]


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mark", [",", "，", "、", ";", "；", ",、", "，和"])
def test_a_list_of_areas_has_any_separator(mark):
    text = f"各县市区地区生产总值:潍城区364.0亿元{mark}寒亭区（含经济开发区）270.3亿元{mark}高新技术产业开发区615.7亿元。"
    assert figures(text, "area", "value") == [
        ("潍城区", "364.0"),
        ("寒亭区（含经济开发区）", "270.3"),
        ("高新技术产业开发区", "615.7"),
    ]


def test_a_list_of_areas_below_the_citys_figure_is_about_the_same():
    areas = "分县市区看,潍城区364.0亿元,寒亭区[2]270.3亿元。"
    assert figures(f"全市生产总值7010.6亿元。{areas}", "area", "indicator", "value") == [
        ("潍坊市", "生产总值", "7010.6"),
        ("潍城区", "地区生产总值", "364.0"),
        ("寒亭区", "地区生产总值", "270.3"),
    ]
    # in another paragraph nothing says of what the list is
    assert read(f"全市生产总值7010.6亿元。\n{areas}").unread[0].reason == UNCOVERED[0]
    assert refusal(areas) == UNCOVERED


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("昌乐县和安丘市地区生产总值分别为330.3和329.8亿元。", ("329.8", "亿元")),
        ("昌乐县、安丘市2市地区生产总值分别实现330.3亿元,、329.8亿元", ("329.8", "亿元")),
        ("昌乐县、安丘市两市地区生产总值分别为330.3亿元、3298000万元", ("3298000", "万元")),
    ],
)
def test_figures_given_by_position_are_joined_to_their_names(text, second):
    expected = [("昌乐县", "330.3", "亿元"), ("安丘市", *second)]
    assert figures(text, "area", "value", "unit") == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("昌乐县、安丘市地区生产总值分别为330.3亿元。", "lists of different length: 2 names, 1 values"),
        (
            "昌乐县、安丘市地区生产总值分别为330.3、329.8、401.1亿元。",
            "lists of different length: 2 names, 3 values",
        ),
        ("昌乐县、安丘市3市地区生产总值分别为330.3、329.8亿元。", "'3' are announced and 2 listed"),
        (
            "昌乐县、安丘市地区生产总值分别为12,345,6亿元。",
            "a comma inside a list may part figures or thousands",
        ),
        (
            "新增国家级绿色工厂86家、绿色工业园区13家,累计分别达到465家、41家、63家。",
            "lists of different length: 2 won, 3 held",
        ),
        ("省级绿色工厂20家；绿色工业园区1家。", "it does not say which level"),
        ("绿色工厂20家。", "it does not say which level"),
    ],
)
def test_a_list_that_does_not_fit_is_set_aside_whole(text, reason):
    assert refusal(text)[0] == reason


def test_a_unit_in_the_middle_of_a_list_is_not_spread_over_it(read_as):
    text = f"{TITLE}\n昌乐县、安丘市、昌邑市地区生产总值分别为330.3、329.8亿元、401.1。"
    parsed = read_as(text, "b.txt", layout="city_bulletin")
    assert parsed.rows["area_id"].to_list() == ["anqiu"]
    assert parsed.rejected["reason"].to_list() == ["the figure has no unit"] * 2


def test_a_level_is_printed_once_for_its_group(read_as):
    text = f"{TITLE}\n省级绿色工厂20家、绿色工业园区1家、绿色供应链管理企业5家；市级绿色工厂118家。"
    assert read_as(text, "b.txt", layout="city_bulletin").rows.select("indicator_code", "value").rows() == [
        ("green_factory_provincial_stock", 20.0),
        ("green_park_provincial_stock", 1.0),
        ("green_supply_chain_provincial_stock", 5.0),
        ("green_factory_municipal_stock", 118.0),
    ]


def test_what_was_won_and_what_is_held_since_are_two_figures(read_as):
    text = f"{TITLE}\n新增国家级绿色工厂86家、绿色工业园区13家、绿色供应链管理企业12家,累计分别达到465家、41家、63家。"
    assert read_as(text, "b.txt", layout="city_bulletin").rows.select("indicator_code", "value").rows() == [
        ("green_factory_national_added", 86.0),
        ("green_factory_national_stock", 465.0),
        ("green_park_national_added", 13.0),
        ("green_park_national_stock", 41.0),
        ("green_supply_chain_national_added", 12.0),
        ("green_supply_chain_national_stock", 63.0),
    ]


# ── whole bulletins, in the shapes that are published ────────────────────────────────────────────────────────

DISTRICT = """\
2031年奎文区国民经济和社会发展统计公报[1]
奎文区统计局

一、综合
　　初步核算，全区实现生产总值 (GDP)[2]461.66亿元，按可比价格计算，比上年增长10.4%。\
其中，第二产业增加值71.20亿元，下降3.1%；第三产业增加值390.46 亿元，增长12.9%。\
三次产业结构由0.00:14.54:85.46调整为0.00∶15.42∶84.58。
　　人均GDP达到8.92万元。
二、工业
　　全区规模以上工业增加值比上年增长8.5%，增速回落0.4个百分点。规模以上工业企业达到97家。
注：[1]本公报数据为统计快报数。
[2]核实后的2030年生产总值为418.20亿元。
"""


def test_shape_2_the_bulletin_of_a_district(read_as):
    parsed = read_as(DISTRICT, "b.txt", layout="city_bulletin")
    assert parsed.rejected.height == 0
    assert parsed.furniture == {"title": 1, "blank": 1, "no figure": 2, "heading": 2}
    assert parsed.rows["area_id"].unique().to_list() == ["kuiwen"]
    assert parsed.rows.select("indicator_code", "period_id", "value", "growth_pct", "vintage").rows() == [
        ("gdp", "2031", 461.66, 10.4, "preliminary"),
        ("gdp_secondary_va", "2031", 71.2, -3.1, "preliminary"),
        ("gdp_tertiary_va", "2031", 390.46, 12.9, "preliminary"),
        ("gdp_primary_share", "2031", 0.0, None, "preliminary"),
        ("gdp_secondary_share", "2031", 15.42, None, "preliminary"),
        ("gdp_tertiary_share", "2031", 84.58, None, "preliminary"),
        ("gdp_per_capita", "2031", 89200.0, None, "preliminary"),
        ("above_scale_va", "2031", None, 8.5, "preliminary"),
        ("above_scale_industrial_enterprises", "2031", 97.0, None, "preliminary"),
        ("gdp", "2030", 418.2, None, "verified"),
    ]
    lines = DISTRICT.splitlines()
    for row in parsed.rows.filter(parsed.rows["value_text"].is_not_null()).iter_rows(named=True):
        line, first, last = map(int, re.fullmatch(r"L(\d+):(\d+)-(\d+)", row["source_locator"]).groups())
        assert lines[line - 1][first - 1 : last] == row["value_text"]
    assert parsed.rows["growth_text"][1] == "下降3.1%"
    assert parsed.rows["origin_title"][0] == "2031年奎文区国民经济和社会发展统计公报[1]"
    assert parsed.rows.select("origin_url", "published_on").row(0) == (None, None)


OCEAN_TEXT = f"""\
{OCEAN_TITLE}
　　初步核算，2031年全国海洋生产总值首次突破19万亿元，达190385亿元，比上年增长8.3%，占国内生产总值的比重为7.8%。\
其中，海洋第一产业增加值4562亿元，第二产业增加值70188亿元，第三产业增加值115635亿元，分别占海洋生产总值的2.4%、36.9%和60.7%。
　　15个海洋产业增加值80711亿元，比上年下降0.5%。
　　上半年，海洋生产总值8.9万亿元，同比增长5.7%，占沿海地区生产总值的比重为15.0%。
[1] 核实后的2030年海洋生产总值为179550亿元。
"""


def test_shape_6_the_bulletin_of_the_ocean_economy(read_as):
    parsed = read_as(OCEAN_TEXT, "b.txt", layout="ocean_bulletin")
    assert parsed.rejected.height == 0
    assert parsed.rows.select(
        "area_id", "indicator_code", "period_id", "value", "growth_pct", "vintage"
    ).rows() == [
        ("china", "gop", "2031", 190385.0, 8.3, "preliminary"),
        ("china", "gop_share_gdp", "2031", 7.8, None, "preliminary"),
        ("china", "ocean_primary_va", "2031", 4562.0, None, "preliminary"),
        ("china", "ocean_secondary_va", "2031", 70188.0, None, "preliminary"),
        ("china", "ocean_tertiary_va", "2031", 115635.0, None, "preliminary"),
        ("china", "ocean_industry_va", "2031", 80711.0, -0.5, "preliminary"),
        ("china", "gop", "2031H1", 89000.0, 5.7, "preliminary"),
        ("china", "gop_share_coastal_gdp", "2031H1", 15.0, None, "preliminary"),
        ("china", "gop", "2030", 179550.0, None, "verified"),
    ]


def test_the_share_of_the_ocean_has_the_denominator_that_is_printed(read_as):
    def code(denominator):
        text = f"{OCEAN_TITLE}\n海洋生产总值占{denominator}的17.2%。"
        return read_as(text, "b.txt", layout="ocean_bulletin").rows["indicator_code"].to_list()

    assert code("国内生产总值") == ["gop_share_gdp"]
    assert code("沿海地区生产总值") == ["gop_share_coastal_gdp"]
    assert code("全国海洋生产总值") == ["gop_share_national_gop"]
    assert code("世界海洋生产总值") == []


def test_a_head_gives_a_bulletin_its_origin_and_stands_before_the_layouts_word(read_as):
    text = f"标题：{TITLE}\n来源级别:O\n发布日期:2032-03-20\n版次:最终核实\n全市生产总值9820亿元。"
    [row] = read_as(text, "b.txt", layout="city_bulletin").rows.iter_rows(named=True)
    assert (row["source_tier"], row["published_text"], row["vintage"]) == ("O", "2032-03-20", "verified")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the text is empty"),
        ("\n\n", "the text is empty"),
        ("潍坊市统计公报\n地区生产总值9820亿元。", "names no period"),
        ("2031年统计公报\n地区生产总值9820亿元。", "names no area"),
    ],
)
def test_a_bulletin_without_a_title_that_places_it_is_refused(text, message):
    with pytest.raises((LayoutError, Unreadable, readers.ReadError), match=message):
        find(readers.read(f"{text} ".encode(), "b.txt", "text"), CITY, "b.txt", "value")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("三次产业结构由上年的9.1:39.8:51.1调整为9.0:40.4:50.6。", None),
        ("三次产业比例为9.0∶40.4：50.6。", None),
        ("三次产业结构由223741调整为19.936.943.2。", "separators between numbers are lost: '19.936.9'"),
        ("三次产业结构由223741调整为9.0:40.4:50.6。", "separators between numbers are lost: '由223741调整'"),
        ("三次产业结构调整为9.0:40.4:60.6。", "the parts add up to 110"),
        ("三次产业结构调整为9.0:91.0。", UNCOVERED[0]),
    ],
)
def test_the_structure_is_three_shares_that_make_a_whole(text, reason):
    if reason:
        assert refusal(text)[0] == reason
    else:
        assert figures(text, "indicator", "value", "unit") == [
            (f"{name}产业增加值占地区生产总值比重", value, "%")
            for name, value in (("第一", "9.0"), ("第二", "40.4"), ("第三", "50.6"))
        ]


# ── zones, shape 8 ───────────────────────────────────────────────────────────────────────────────────────────


def test_shape_8_the_scope_in_a_name_is_kept_and_a_zone_is_no_county(read_as):
    areas = (
        "寒亭区(含经济开发区)270.3亿元,寒亭区（不含潍坊经济技术开发区）201.1亿元,滨海经济技术开发区336.9亿元"
    )
    parsed = read_as(f"{TITLE}\n各县市区地区生产总值{areas}。", "b.txt", layout="city_bulletin")
    assert parsed.rows.select("area_id", "area_scope_note", "value").rows() == [
        ("hanting", "含经济开发区", 270.3),
        ("hanting", "不含潍坊经济技术开发区", 201.1),
        ("binhai", None, 336.9),
    ]


def test_a_name_that_was_not_in_use_in_its_year_is_noted_and_one_that_meant_another_place_refused(read_as):
    head = "标题:1990年潍坊市国民经济统计资料\n来源级别:O\n"
    text = f"{head}各县市区地区生产总值寿光市20.5亿元,昌乐县11.2亿元。1981年潍坊市生产总值20亿元。"
    parsed = read_as(text, "b.txt", layout="city_bulletin")
    assert parsed.rows.select("area_id", "area_scope_note").rows() == [
        ("shouguang", "该名称或代码自1993年起使用，数据为1990年"),
        ("changle", None),
    ]
    [reason] = parsed.rejected["reason"].to_list()
    assert reason.startswith("'潍坊市' was another ground in 1981: ")


# ── damaged copies, shape 10 ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("全市????总值9820亿元。", "characters were lost (???): '????'"),
        ("全市\ufffd\ufffd总值9820亿元。", "characters were lost (???): '\ufffd'"),
        ("全市地區(qū)生產(chǎn)總值9820億元。", "pinyin stands inside words: '(qū)'"),
        ("全市海洋坐褥总值1703.4亿元。", "words were replaced by a rewording machine: '坐褥总值'"),
        ("第一产业添加值628.4亿元。", "words were replaced by a rewording machine: '添加值'"),
        ("全市海洋生产总值亿元，比上年增长%。", "the digits before a unit are lost: '总值亿元'"),
        ("全市海洋生产总值9820亿元，比上年增长%。", "the digits before a unit are lost: '增长%'"),
    ],
)
def test_shape_10_a_damaged_sentence_is_refused_with_the_damage(text, fault):
    found = read(f"全市生产总值9820亿元。{text}")
    assert found.frame["value"].to_list() == ["9820"]
    assert [(unread.reason, unread.expected) for unread in found.unread] == [
        (fault, "the sentence as its publisher printed it")
    ]


def test_a_copy_with_many_damaged_sentences_is_refused_whole():
    good = "全市生产总值9820亿元。"
    assert read(good * 6 + "总值????亿元。" * 2).frame.height == 6
    with pytest.raises(LayoutError, match=r"b\.txt: 3 of 8 sentences with figures are damaged \(L2:66-74"):
        read(good * 5 + "总值????亿元。" * 3)


# ── what holds for every text ────────────────────────────────────────────────────────────────────────────────

numbers = st.decimals(Decimal("0.01"), Decimal("99999"), places=2, allow_nan=False).map(lambda d: f"{d:f}")
bounds = st.sampled_from([("", ""), ("超过", ""), ("首次突破", ""), ("约", ""), ("", "左右"), ("", "以上")])
growths = st.sampled_from(
    [
        ("", None),
        ("比上年增长{}%", 1),
        ("同比下降{}%", -1),
        ("增长{}%", 1),
        ("可比增长{}%", 1),
        ("较上年下降{}%", -1),
    ]
)
WIDE = str.maketrans(",()%", "，（）％")


@settings(max_examples=60, deadline=None)
@given(
    value=numbers,
    unit=st.sampled_from(["亿元", "万元", "万亿元"]),
    bound=bounds,
    growth=growths,
    rate=st.decimals(Decimal("0.1"), Decimal("40"), places=1).map(lambda d: f"{d:f}"),
    area=st.sampled_from(["", "全市", "潍坊市", "寿光市", "寒亭区(含经济开发区)", "滨海经济技术开发区"]),
    period=st.sampled_from(["", "2030年", "前三季度,", "2031年上半年"]),
    vintage=st.sampled_from(["", "初步核算,", "根据统一核算结果,"]),
    verb=st.sampled_from(["", "实现", "完成"]),
    mark=st.sampled_from(["", "[2]", "①", " "]),
    is_wide=st.booleans(),
)
def test_any_sentence_made_of_the_slots_reads_back(
    value, unit, bound, growth, rate, area, period, vintage, verb, mark, is_wide
):
    before, after = bound
    said, sign = growth
    tail = f",{said.format(rate)}" if said else ""
    text = f"{vintage}{period}{area}{verb}地区生产总值{mark}{before}{value}{unit}{after}{tail}。"
    found = read(text.translate(WIDE) if is_wide else text)
    assert found.unread == ()
    [row] = found.frame.iter_rows(named=True)
    expected_area = "潍坊市" if area in ("", "全市") else area.translate(WIDE) if is_wide else area
    assert (row["area"], row["value"], row["unit"]) == (expected_area, before + value + after, unit)
    assert row.get("growth") == (None if sign is None else f"{'-' if sign < 0 else ''}{rate}")
    line, first, last = map(int, re.fullmatch(r"L(\d+):(\d+)-(\d+)", row[LOCATOR]).groups())
    assert text[first - 1 : last] == value


WORDS = [
    "全市",
    "地区生产总值",
    "海洋生产总值",
    "第一产业",
    "增加值",
    "亿元",
    "%",
    "增长",
    "下降",
    "分别为",
    "比上年",
    "占",
    "比重",
]
pieces = st.sampled_from(
    [
        *WORDS,
        ",",
        "。",
        "、",
        "；",
        "：",
        "(",
        "）",
        "[1]",
        "1",
        "20",
        ".5",
        "十",
        "潍城区",
        " ",
        "\n",
        "由",
        "调整为",
    ]
)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60) | st.lists(pieces, max_size=30).map("".join))
def test_any_text_gives_figures_or_unread_sentences_and_never_a_crash(text):
    for declared, title in ((CITY, TITLE), (OCEAN, OCEAN_TITLE)):
        try:
            read(text, title, declared)
        except (LayoutError, readers.ReadError) as refused:
            assert "b.txt" in str(refused)


@settings(max_examples=60, deadline=None)
@given(text=st.lists(st.sampled_from([*WORDS, "潍城区", ",", "。", "\n"]), max_size=30).map("".join))
def test_a_text_without_numbers_gives_no_figure(text):
    text = text.replace("第一产业", "农业").replace("亿元", "金额").replace("%", "")
    for declared, title in ((CITY, TITLE), (OCEAN, OCEAN_TITLE)):
        found = read(text, title, declared)
        assert (found.frame.height, found.unread) == (0, ())


# ── the guard of magnitudes: a wrong unit is outside the range that its indicator has ────────────────────────


@pytest.mark.parametrize(
    ("indicator", "level", "right", "wrong"),
    [
        ("gdp", "county", (364.0, "亿元"), (364.0, "万元")),
        ("gdp", "city", (8203.2, "亿元"), (8203.2, "万亿元")),
        ("gdp", "city", (730.65, "billion CNY"), (7306.5, "billion CNY")),
        ("gop", "city", (1703.42, "亿元"), (1703.42, "万元")),
        ("gop_share_gdp", "city", (20.77, "%"), (2077, "%")),
        ("gdp_per_capita", "county", (8.92, "万元/人"), (8.92, "万元")),
        ("green_factory_provincial_stock", "city", (20, "家"), (20, "万家")),
        ("above_scale_industrial_enterprises", "county", (527, "家"), (527, "万家")),
        ("gdp_secondary_share", "city", (40.4, "%"), (404, "%")),
    ],
)
def test_a_figure_in_a_wrong_unit_lies_outside_its_range(reference, indicator, level, right, wrong):
    with (reference.seeds / "indicators.csv").open(encoding="utf-8", newline="") as file:
        known = {row["indicator_code"]: row for row in csv.DictReader(file)}[indicator]
    low, high = float(known[f"{level}_min"] or "-inf"), float(known[f"{level}_max"] or "inf")

    def is_caught(value, unit):
        is_another = parse_unit(unit).code != known["unit"]
        return is_another or not low <= to_canonical(value, parse_unit(unit)) <= high

    assert not is_caught(*right)
    assert is_caught(*wrong)


def test_the_shipped_bulletins_are_declared_by_forms_alone():
    for path in sorted(Path(layout.__file__).parent.glob("layouts/*bulletin.yml")):
        assert all(known.form for known in layout.load(path.stem).prose.sentences)
