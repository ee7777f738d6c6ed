"""Prose: sentences of a declared grammar give figures with the characters they stand on; all other text is set aside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest import layout, readers
from ingest.layout import Layout, LayoutError
from ingest.parse import Unreadable
from ingest.parsers.found import LOCATOR
from ingest.parsers.records import find

pytestmark = pytest.mark.slow

BUNDLED = Path(layout.__file__).parent / "bundled" / "statistics" / "county_gdp_2021_bulletin.txt"
HEAD = """\
标题:2021年潍坊市统计公报
网址:http://example.org/58365.html
发布日期:2022-03-01
来源级别:M
版次:统计公报
说明:转录件
"""
CITY = "2021年,全市地区生产总值7010.6亿元,按可比价格计算,比上年增长9.7%。"
LIST = "分县市区看,潍城区364.0亿元,寒亭区(含经济开发区)270.3亿元；坊子区2116000万元。"


@pytest.fixture(scope="module")
def bulletin(read_as):
    """Parse text as the bulletin of a source that the catalogue has."""
    return lambda content, **changes: read_as(
        content, "bulletin.txt", layout="county_gdp_bulletin", **changes
    )


def at(text: str, locator: str) -> str:
    """The characters that a locator names: line, first and last character, counted from 1."""
    line, first, last = map(int, re.fullmatch(r"L(\d+):(\d+)-(\d+)", locator).groups())
    return text.splitlines()[line - 1][first - 1 : last]


@pytest.fixture(scope="module")
def of_2021(bulletin):
    return bulletin(BUNDLED.read_bytes())


def test_the_bulletin_of_2021_gives_17_figures_and_leaves_no_sentence(of_2021):
    assert (of_2021.records, of_2021.rows.height, of_2021.rejected.height) == (17, 17, 0)
    rows = of_2021.rows
    assert rows.filter(rows["area_id"] == "weifang").row(0, named=True) | {"row_id": None} == {
        "area_text": "潍坊市",
        "area_id": "weifang",
        "area_scope_note": None,
        "indicator_text": "地区生产总值",
        "indicator_code": "gdp",
        "period_text": "2021",
        "period_id": "2021",
        "period_start": rows["period_start"][0],
        "period_end": rows["period_end"][0],
        "period_kind": "year",
        "is_cumulative": False,
        "value_text": "7010.6",
        "unit_text": "亿元",
        "operator": "eq",
        "value": 7010.6,
        "unit": "100m_cny",
        "growth_text": "9.7",
        "growth_pct": 9.7,
        "growth_basis_text": "可比价",
        "growth_basis": "constant",
        "vintage_text": "统一核算结果(市统计公报)",
        "vintage": "preliminary",
        "source_tier_text": "M",
        "source_tier": "M",
        "is_actual": True,
        "withheld_reason": None,
        "note": None,
        "origin_title": "2021年潍坊市国民经济和社会发展统计公报(转载,原题缺失)",
        "origin_url": "http://xcsgjz.com/a/58365.html",
        "published_text": "2022",
        "published_precision": "year",
        "row_id": None,
        "source_id": "county_figures",
        "source_sha256": rows["source_sha256"][0],
        "source_locator": "L8:15-20",
        "data_origin": "published",
        "published_on": rows["published_on"][0],
        "snapshot_on": rows["snapshot_on"][0],
    }
    assert rows["area_id"].n_unique() == 17
    assert round(sum(rows["value"][1:]), 1) == 6994.8
    assert rows.filter(rows["area_id"] == "hanting")["area_scope_note"].to_list() == ["含经济开发区"]


def test_the_text_at_every_locator_is_the_printed_figure(of_2021):
    text = BUNDLED.read_text(encoding="utf-8")
    assert [at(text, place) for place in of_2021.rows["source_locator"]] == of_2021.rows[
        "value_text"
    ].to_list()
    assert of_2021.rows["source_locator"].n_unique() == 17
    assert of_2021.rows["row_id"][0] == of_2021.rows["source_sha256"][0][:12] + ":L8:15-20"


def test_an_indented_line_is_addressed_as_printed(bulletin):
    text = f"{HEAD}\n　　{CITY}  {LIST}\n\t其中:涉海1成。\n"
    parsed = bulletin(text)
    assert parsed.rows["value_text"].to_list() == ["7010.6", "364.0", "270.3", "2116000"]
    assert [at(text, place) for place in parsed.rows["source_locator"]] == parsed.rows["value_text"].to_list()
    assert [at(text, place) for place in parsed.rejected["source_locator"]] == ["其中:涉海1成。"]


def test_each_item_of_a_list_has_its_own_unit(bulletin):
    rows = bulletin(HEAD + LIST).rows
    assert rows.select("area_id", "value", "unit", "unit_text").rows() == [
        ("weicheng", 364.0, "100m_cny", "亿元"),
        ("hanting", 270.3, "100m_cny", "亿元"),
        ("fangzi", 211.6, "100m_cny", "万元"),
    ]
    assert rows["growth_pct"].to_list() == [None, None, None]


def test_a_sentence_that_is_not_declared_is_rejected_with_its_place(bulletin):
    text = f"{HEAD}{CITY}人均地区生产总值7.5万元。\n第一产业增加值627.2亿元\n"
    parsed = bulletin(text)
    assert parsed.rows["value"].to_list() == [7010.6]
    assert (parsed.records, parsed.rejected_records, parsed.rows_in) == (3, 2, 9)
    assert parsed.furniture == {"head": 6}
    assert parsed.rejected.select("source_locator", "field", "value_text", "reason", "expected").rows() == [
        (
            f"L7:{len(CITY) + 1}-{len(CITY) + 14}",
            "sentence",
            "人均地区生产总值7.5万元。",
            "no declared sentence covers this text",
            "a sentence that the layout declares",
        ),
        (
            "L8:1-14",
            "sentence",
            "第一产业增加值627.2亿元",
            "no declared sentence covers this text",
            "a sentence that the layout declares",
        ),
    ]
    assert [at(text, place) for place in parsed.rejected["source_locator"]] == (
        parsed.rejected["value_text"].to_list()
    )


def test_a_list_that_is_half_understood_is_rejected_whole(bulletin):
    half = LIST.replace("寒亭区(含经济开发区)270.3亿元", "寒亭区(含经济开发区)增长8.1%")
    parsed = bulletin(HEAD + half)
    assert parsed.rows.height == 0
    assert parsed.rejected["row_text"].to_list() == [half]


def test_a_text_of_which_nothing_is_understood_gives_no_rows_and_no_crash(bulletin):
    parsed = bulletin(HEAD + "本公报采用2021年初步统计数。")
    assert (parsed.records, parsed.rows.height, parsed.rejected_records) == (1, 0, 1)
    assert bulletin(HEAD).records == 0
    assert parsed.rows.schema == bulletin(HEAD + CITY).rows.schema


def test_an_area_that_is_not_known_rejects_its_item_only(bulletin):
    parsed = bulletin(HEAD + "分县市区看,潍城区364.0亿元,潍东区1.0亿元。")
    assert parsed.rows["area_id"].to_list() == ["weicheng"]
    assert parsed.rejected.select("field", "value_text").rows() == [("area", "潍东区")]


@pytest.mark.parametrize("label", ["标题", "网址", "发布日期", "来源级别", "版次", "说明"])
def test_a_missing_head_line_stops_the_file_and_is_named(bulletin, label):
    text = re.sub(f"^{label}:.*\n", "", HEAD, flags=re.MULTILINE) + CITY
    with pytest.raises(Unreadable, match=rf"bulletin\.txt: expected head lines \['{label}'\], which are not"):
        bulletin(text)


def test_head_lines_may_have_full_width_colons_and_colons_in_their_values(bulletin):
    rows = bulletin(
        HEAD.replace("标题:", "标题：").replace("网址:", " 网址 ：").replace(" ：", "：") + CITY
    ).rows
    assert rows["origin_title"].to_list() == ["2021年潍坊市统计公报"]
    assert rows["origin_url"].to_list() == ["http://example.org/58365.html"]


def test_a_title_without_a_period_stops_the_file(bulletin):
    with pytest.raises(Unreadable, match=r"bulletin\.txt: the title '潍坊市统计公报' names no period"):
        bulletin(HEAD.replace("2021年潍坊", "潍坊") + CITY)


# ── the grammar ──────────────────────────────────────────────────────────────────────────────────────────────


def found_in(text, *sentences):
    grammar = {
        "head": {"标题": "origin_title"},
        "period_from": r"(?P<period>\d{4})年",
        "sentences": sentences,
    }
    declared = Layout(dataset="indicator_figures", reader="text", prose=grammar)
    return find(readers.read(f"标题:2024年\n{text}".encode(), "b.txt", "text"), declared, "b.txt", "value")


ITEMS = {"name": "list", "pattern": "分县看,(?P<items>.+)。", "items": r"(?P<area>[^\d,]+)(?P<value>[\d.]+)"}


def test_a_list_that_one_sentence_cannot_read_is_offered_to_the_next():
    growth = ITEMS | {"items": r"(?P<area>[^\d,增]+)增长(?P<growth>[\d.]+)%(?P<value>[\d.]+)"}
    found = found_in("分县看,寿光市增长5.1%950.2。", ITEMS, growth)
    assert found.unread == ()
    assert found.frame.select("area", "growth", "value", LOCATOR).rows() == [
        ("寿光市", "5.1", "950.2", "L2:14-18")
    ]


def test_what_a_sentence_says_of_all_its_items_stands_in_each():
    unit = ITEMS | {"pattern": "分县看,(?P<items>.+)\\(单位:(?P<unit>亿元|万元)\\)。"}
    found = found_in("分县看,寿光市950.2,青州市676.8(单位:亿元)。", unit)
    assert found.frame.select("area", "value", "unit").rows() == [
        ("寿光市", "950.2", "亿元"),
        ("青州市", "676.8", "亿元"),
    ]


def test_an_item_that_takes_no_text_does_not_run_for_ever():
    assert len(found_in("分县看,寿光市1。", ITEMS | {"items": r"(?P<value>\d*)"}).unread) == 1


def test_a_file_without_head_is_refused():
    declared = layout.load("county_gdp_bulletin")
    with pytest.raises(LayoutError, match="expected head lines"):
        find(readers.read(b"\n\n x\n", "b.txt", "text"), declared, "b.txt", "value")


# ── forms with slots ─────────────────────────────────────────────────────────────────────────────────────────


def grammar(**changes):
    form = {"name": "gdp", "form": "[{period},]{area}生产总值{value}{unit}[,{growth}]"}
    given = {"head": {"标题": "origin_title"}, "sentences": [form | changes.pop("sentence", {})]}
    return Layout(dataset="indicator_figures", reader="text", prose=given | changes)


def read_by(declared, text):
    return find(readers.read(f"标题:2024年\n{text}".encode(), "b.txt", "text"), declared, "b.txt", "value")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"sentence": {"form": "{gdp}{value}"}},
            "form: no slot is called {gdp}; expected one of area, basis, bound",
        ),
        ({"sentence": {"form": "{indicator}{value}"}}, "words: {indicator} needs the list of indicators"),
        ({"sentence": {"form": "{value}{value}"}}, "form: {value} stands in it twice"),
        ({"sentence": {"form": "{value}[{unit}"}}, "form: ']' is missing in '{value}[{unit}'"),
        ({"sentence": {"form": "{value}{unit"}}, "form: '}' is missing in '{value}{unit'"),
        ({"sentence": {"form": "{value}>"}}, "form: '>' was never opened"),
        ({"sentence": {"form": "全市{unit}"}}, "form: it has neither {value} nor {growth}"),
        ({"sentence": {"form": "{value}{share.value}"}}, "figures: it says nothing of 'share'"),
        ({"sentence": {"figures": {"share": {}}}}, "form: it has neither {share.value} nor {share.growth}"),
        ({"sentence": {"lists": {"areas": "{area}{value}"}}}, "form: it has no list {areas}"),
        ({"sentence": {"pattern": "(?P<value>1)"}}, "a sentence has either a form or a pattern"),
        ({"sentence": {"items": "1"}}, "items: they belong to a pattern; a form has lists"),
        ({"sentence": {"after": ["gop"]}}, "sentence 'gdp': after: no sentence is called 'gop'"),
        ({"ends": ";"}, "ends: a sentence ends at least at 。"),
        ({"area_from": "潍坊"}, "area_from: it has no group 'area'"),
    ],
)
def test_a_form_that_cannot_be_read_says_what_is_wrong_with_it(changes, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        grammar(**changes)


def test_two_forms_that_read_a_sentence_differently_leave_it_unread():
    other = {"name": "other", "form": "潍坊市生产总值{value}{unit}", "constants": {"area": "寿光市"}}
    declared = grammar(sentences=[grammar().prose.sentences[0].model_dump(), other])
    found = read_by(declared, "潍坊市生产总值1亿元。")
    assert found.frame.height == 0
    assert [u.reason for u in found.unread] == ["declared sentences read this differently: gdp, other"]
    assert [u.expected for u in found.unread] == ["one declared sentence for each text"]


def test_two_forms_that_agree_are_no_quarrel():
    declared = grammar()
    twice = grammar(
        sentences=[
            declared.prose.sentences[0].model_dump(),
            {"name": "again", "form": "{area}生产总值{value}{unit}"},
        ]
    )
    assert read_by(twice, "潍坊市生产总值1亿元。").frame["value"].to_list() == ["1"]


def test_parts_are_added_up_as_numbers_whatever_marks_are_printed_in_them():
    shares = {name: {"indicator": name, "unit": "%"} for name in ("one", "two")}
    declared = grammar(
        sentence={"form": "{bound?}{one.value}:{two.value}", "figures": shares, "adds_to": 2_000}
    )
    assert read_by(declared, "1,500.5:499.5。").frame["value"].to_list() == ["1,500.5", "499.5"]
    [unread] = read_by(declared, "1,500.5:49.5。").unread
    assert unread.reason == "the parts add up to 1550"


def test_a_semicolon_ends_a_sentence_only_where_the_layout_says_so():
    text = "潍坊市生产总值1亿元；寿光市生产总值2亿元;"
    assert [u.text for u in read_by(grammar(), text).unread] == [text]
    assert read_by(grammar(ends="。;"), text).frame["value"].to_list() == ["1", "2"]


def test_yi_without_yuan_is_money_only_where_the_layout_says_so(bulletin):
    text = "潍坊市生产总值1.2万亿。寿光市生产总值950亿。"
    assert len(read_by(grammar(), text).unread) == 2
    found = read_by(grammar(yuan_dropped=True), text)
    assert found.frame.select("value", "unit").rows() == [("1.2", "万亿"), ("950", "亿")]
    assert read_by(grammar(yuan_dropped=True), "潍坊市生产总值950亿元。").frame["unit"].to_list() == ["亿元"]


@pytest.mark.parametrize(
    ("unit", "reason"),
    [("亿美元", "is foreign money"), ("万吨", "is of no indicator"), ("亿家", "unknown unit")],
)
def test_a_unit_without_a_canonical_one_is_refused_with_the_reason(bulletin, unit, reason):
    parsed = bulletin(HEAD + LIST.replace("364.0亿元", f"364.0{unit}"))
    assert parsed.rows["area_id"].to_list() == ["hanting", "fangzi"]
    assert reason in parsed.rejected["reason"][0]


def test_text_without_numbers_is_furniture_and_numbers_in_words_are_not():
    found = read_by(grammar(), "一、综合\n经济运行平稳。占比过半。\n（二）工业")
    assert found.furniture == {"head": 1, "heading": 2, "no figure": 1}
    assert [u.text for u in found.unread] == ["占比过半。"]
    assert found.lost == 0
