"""Area names, against the seeds that hold them."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.normalise import NormaliseError
from ingest.normalise.areas import AreaIndex, AreaMatch

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"


def rows(name):
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


AREAS, ALIASES = rows("areas.csv"), rows("area_aliases.csv")
INDEX = AreaIndex.from_rows(ALIASES)


@pytest.mark.parametrize(
    ("text", "area_id", "basis"),
    [
        ("全国", "china", "administrative"),
        ("山东省", "shandong", "administrative"),
        ("全市", "weifang", "administrative"),
        ("奎文区", "kuiwen", "unstated"),
        ("奎 文\u3000区", "kuiwen", "unstated"),
        ("潍坊市寿光市", "shouguang", "administrative"),
        ("壽光市", "shouguang", "administrative"),
        ("濰坊市", "weifang", "administrative"),
        ("高新技术产业开发区", "gaoxin", "zone_only"),
        ("潍坊高新区", "gaoxin", "zone_only"),
        ("滨海经济技术开发区", "binhai", "zone_only"),
        ("峡山生态经济开发区", "xiashan", "zone_only"),
        ("综合保税区", "zongbao", "zone_only"),
        ("经济开发区", "jingji", "zone_only"),
        ("370783", "shouguang", "administrative"),
        ("370772", "binhai", "zone_only"),
    ],
)
def test_an_area_is_found_by_any_of_its_names(text, area_id, basis):
    assert INDEX.find(text) == AreaMatch(area_id, None, basis)


@pytest.mark.parametrize(
    ("text", "note", "basis"),
    [
        ("寒亭区(含经济开发区)", "含经济开发区", "incl_zone"),
        ("寒亭区（含经济开发区）", "含经济开发区", "incl_zone"),
        ("寒亭区〔含经济开发区〕", "含经济开发区", "incl_zone"),
        ("寒亭区(不含潍坊经济技术开发区)", "不含潍坊经济技术开发区", "excl_zones"),
        ("寒亭区(区直)", "区直", "unstated"),
    ],
)
def test_a_bracket_after_the_name_is_a_scope_note(text, note, basis):
    assert INDEX.find(text) == AreaMatch("hanting", note, basis)


def test_an_old_name_says_until_when_it_was_used():
    assert INDEX.find("益都县") == AreaMatch("qingzhou", "旧名，用至1985年", "administrative")
    assert INDEX.find("昌潍地区").area_id == "weifang"
    assert "平度" in INDEX.find("昌潍地区").scope_note
    assert INDEX.find("寿光县(含羊口)").scope_note == "旧名，用至1992年；含羊口"


@pytest.mark.parametrize(
    "text",
    ["潍县", "青岛市", "五莲县", "寒亭区()", "", "市辖区", "370701", "奎文区,青州市", "寒亭区(含(经济)区)"],
)
def test_a_name_that_is_not_listed_is_never_guessed(text):
    with pytest.raises(NormaliseError, match="unknown area"):
        INDEX.find(text)


def test_the_refusal_offers_the_nearest_names():
    with pytest.raises(NormaliseError) as refusal:
        INDEX.find("寿光巿")  # 巿 (fú) for 市
    assert "寿光市" in refusal.value.expected
    assert refusal.value.reason == "unknown area '寿光巿'"


def test_one_name_for_two_areas_is_refused():
    same = {"alias": "经济区", "coverage_basis": "zone_only", "scope_note": ""}
    with pytest.raises(NormaliseError, match="stands for two areas or scopes"):
        AreaIndex.from_rows(
            [{**same, "area_id": "jingji"}, {**same, "alias": "经 济区", "area_id": "binhai"}]
        )


def test_every_area_is_found_by_its_names_and_codes():
    for area in AREAS:
        names = [area["name_zh"], area["full_name_zh"], area["admin_code"]]
        assert {INDEX.find(name).area_id for name in names if name} == {area["area_id"]}


def test_the_seed_holds_the_units_of_the_plan():
    by_id = {area["area_id"]: area for area in AREAS}
    assert len(by_id) == len(AREAS) == 20
    assert sum(area["is_assigned_industries"] == "true" for area in AREAS) == 14
    assert sum(area["is_in_wide_scope"] == "true" for area in AREAS) == 17
    levels = [area["area_level"] for area in AREAS]
    assert [levels.count(level) for level in ("nation", "province", "city", "county", "zone")] == [
        1,
        1,
        1,
        12,
        5,
    ]
    assert [area["area_id"] for area in AREAS if area["parent_area_id"] not in by_id] == ["china"]
    assert [int(area["display_order"]) for area in AREAS] == list(range(1, 21))


def test_the_aliases_use_declared_words_and_known_areas_once():
    assert {row["alias_kind"] for row in ALIASES} == {"short", "full", "old", "code", "mirror"}
    bases = {"administrative", "excl_zones", "zone_only", "incl_zone", "unstated"}
    assert {row["coverage_basis"] for row in ALIASES} <= bases
    assert {row["area_id"] for row in ALIASES} == {area["area_id"] for area in AREAS}
    assert len({row["alias"] for row in ALIASES}) == len(ALIASES)


@settings(max_examples=25, deadline=None)
@given(text=st.text() | st.text("潍坊市寒亭区()（）含不经济", max_size=10))
def test_any_text_is_an_area_or_is_refused(text):
    try:
        assert isinstance(INDEX.find(text), AreaMatch)
    except NormaliseError as refusal:
        assert refusal.reason and refusal.expected


# ── names and codes have their years ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "year", "area_id", "note"),
    [
        ("寿光市", 2021, "shouguang", None),
        ("寿光市", 1990, "shouguang", "该名称或代码自1993年起使用，数据为1990年"),
        ("寿光县", 1990, "shouguang", "旧名，用至1992年"),
        ("寿光县", 2021, "shouguang", "旧名，用至1992年；该名称或代码用至1992年，数据为2021年"),
        ("寒亭区(含经济开发区)", 1982, "hanting", "含经济开发区；该名称或代码自1983年起使用，数据为1982年"),
        ("奎文区", 1993, "kuiwen", "该名称或代码自1994年起使用，数据为1993年"),
        ("370721", 1984, "qingzhou", None),
        ("379001", 1990, "qingzhou", None),
        ("370781", 1990, "qingzhou", "该名称或代码自1995年起使用，数据为1990年"),
        ("372227", 1980, "gaomi", None),
        ("昌乐县", 1980, "changle", None),
        ("潍坊地区", 1981, "weifang", "旧名，1981至1982年；范围大于今潍坊市，含平度、五莲"),
        ("潍坊市", 1983, "weifang", None),
        ("滨海区", 1990, "binhai", None),  # when the zones were founded is not known here
    ],
)
def test_a_name_is_taken_in_any_year_and_says_where_that_is_odd(text, year, area_id, note):
    found = INDEX.find(text, year)
    assert (found.area_id, found.scope_note) == (area_id, note)


def test_a_name_that_meant_another_area_then_is_refused():
    assert INDEX.is_dated("潍坊市") and not INDEX.is_dated("昌乐县")
    with pytest.raises(
        NormaliseError, match="'潍坊市' was another ground in 1982: .*县级市.*expected the name that"
    ):
        INDEX.find("潍坊市", 1982)


def test_the_years_of_an_areas_names_do_not_leave_a_gap():
    for area in {row["area_id"] for row in ALIASES if row["alias_kind"] == "old"} - {"weifang"}:
        codes = [
            row
            for row in ALIASES
            if row["area_id"] == area and len(row["alias"]) == 6 and row["alias"].isdigit()
        ]
        spans = sorted((int(row["valid_from"] or 0), int(row["valid_to"] or 9999)) for row in codes)
        assert [end + 1 for _, end in spans[:-1]] == [start for start, _ in spans[1:]], area
