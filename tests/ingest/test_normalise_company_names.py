"""Company names made comparable."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.normalise import NormaliseError
from ingest.normalise.company_names import PARTS, Regions, normalise, normalise_series, parts

plausible = st.text(
    "潍坊海洋有限公司厂区（）()【】[]〔〕注ＡaBé\u0301´①②²*＊※ \u3000\u200b\t012０12・", max_size=12
)

PRINTS = [
    ("潍坊海化有限公司", "潍坊海化有限公司"),
    ("潍坊（海化）有限公司", "潍坊(海化)有限公司"),
    ("潍坊〔海化】有限公司", "潍坊(海化)有限公司"),
    (" 潍坊 海化\u3000有限\n公司 ", "潍坊海化有限公司"),
    ("ａbc科技有限公司", "ABC科技有限公司"),
    ("潍坊海化有限公司*", "潍坊海化有限公司"),
    ("潍坊海化有限公司①", "潍坊海化有限公司"),
    ("潍坊海化有限公司 [2]＊", "潍坊海化有限公司"),
    ("潍坊海化有限公司（注1）", "潍坊海化有限公司"),
    ("潍坊海化有限公司(2)", "潍坊海化有限公司(2)"),
    ("潍坊海化有限公司(一分厂)", "潍坊海化有限公司(一分厂)"),
]


@pytest.mark.parametrize(("text", "expected"), PRINTS)
def test_a_name_is_compared_without_its_print(text, expected):
    assert normalise(text) == expected


@pytest.mark.parametrize("text", ["", " \u3000", "*", "①"])
def test_nothing_is_not_a_name(text):
    with pytest.raises(NormaliseError, match="is no name"):
        normalise(text)
    assert normalise_series(pl.Series([text])).to_list() == [None]


def test_a_column_of_names_is_normalised_and_keeps_its_name():
    texts = pl.Series("name_text", [text for text, _ in PRINTS] + [None])
    names = normalise_series(texts)
    assert names.name == "name_text"
    assert names.to_list() == [expected for _, expected in PRINTS] + [None]
    assert normalise_series(pl.Series("name_text", [None, None])).to_list() == [None, None]


@settings(max_examples=25, deadline=None)
@given(text=st.text() | plausible)
def test_normalising_twice_changes_nothing_more(text):
    try:
        name = normalise(text)
    except NormaliseError as refusal:
        assert refusal.reason and refusal.expected
    else:
        assert normalise(name) == name


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(plausible, max_size=10))
def test_scalar_and_column_agree_on_names(texts):
    def name_or_none(text):
        try:
            return normalise(text)
        except NormaliseError:
            return None

    assert normalise_series(pl.Series("name", texts, dtype=pl.String)).to_list() == [
        *map(name_or_none, texts)
    ]


REGIONS = Regions.from_rows(
    [
        {"alias": alias, "area_id": area_id}
        for area_id, aliases in {
            "china": ["中国"],
            "shandong": ["山东", "山东省", "全省", "370000"],
            "weifang": ["潍坊", "潍坊市", "山东省潍坊市"],
            "shouguang": ["寿光", "寿光市"],
            "gaoxin": ["高新区"],
        }.items()
        for alias in aliases
    ],
    [
        {"area_id": "china", "area_level": "nation"},
        {"area_id": "shandong", "area_level": "province"},
        {"area_id": "weifang", "area_level": "city"},
        {"area_id": "shouguang", "area_level": "county"},
        {"area_id": "gaoxin", "area_level": "zone"},
    ],
)


@pytest.mark.parametrize(
    ("text", "core", "form", "places"),
    [
        ("潍坊鑫源化工有限公司", "鑫源化工", "limited", "/weifang/"),
        ("山东省潍坊市寿光市鑫源化工有限责任公司", "鑫源化工", "limited", "shandong/weifang/shouguang"),
        ("鑫源（潍坊）化工股份有限公司", "鑫源化工", "joint_stock", "/weifang/"),
        ("山东晨鸣(集团)有限公司", "晨鸣集团", "limited", "shandong//"),
        ("潍坊高新区鑫瀾門診部", "鑫澜门诊部", "other", "/weifang/gaoxin"),
        ("青岛鑫源化工厂", "青岛鑫源化工", "plant", "//"),
        ("中国石化公司", "中国石化", "limited", "//"),
        ("潍坊鑫源投资合伙企业(有限合伙)", "鑫源投资", "partnership", "/weifang/"),
        ("潍坊鑫源化工有限公司寿光分公司", "鑫源化工寿光分公司", "branch", "/weifang/"),
        ("寿光厂", "寿光", "plant", "//"),
    ],
)
def test_a_name_is_taken_apart(text, core, form, places):
    made = parts(pl.Series([normalise(text)]), REGIONS, ("core", "form", "places"))
    assert made.rows() == [(core, form, places)]


def test_a_list_tells_former_names_numbers_and_parents():
    texts = [
        "12、鑫源化工有限公司(原山东(寿光)鑫泉化工厂)",
        "北汽福田汽车股份有限公司诸城汽车厂",
        "360科技有限公司",
        None,
    ]
    made = parts(normalise_series(pl.Series(texts)), REGIONS, ("plain", "aside", "parent"))
    assert made.rows() == [
        ("鑫源化工有限公司", "山东(寿光)鑫泉化工厂", None),
        ("北汽福田汽车股份有限公司诸城汽车厂", None, "北汽福田汽车股份有限公司"),
        ("360科技有限公司", None, None),
        (None, None, None),
    ]


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(plausible, max_size=10))
def test_every_name_has_a_core_and_a_form(texts):
    names = normalise_series(pl.Series("name", texts, dtype=pl.String))
    made = parts(names, REGIONS)
    assert made.columns == list(PARTS)
    for name, core, form, plain in zip(names, made["core"], made["form"], made["plain"], strict=True):
        assert (core is None, form is None, plain is None) == (name is None,) * 3
        assert name is None or (core and plain)
