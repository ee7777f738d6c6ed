"""Units as they are printed, and exact conversion."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.normalise import NormaliseError
from ingest.normalise.units import UNITS, Unit, parse_unit, to_canonical, unit_in_text


@pytest.mark.parametrize(
    ("text", "code", "factor"),
    [
        ("亿元", "100m_cny", "1"),
        (" 亿 元 ", "100m_cny", "1"),
        ("（万元）", "100m_cny", "0.0001"),
        ("万亿元", "100m_cny", "10000"),
        ("億元", "100m_cny", "1"),
        ("trillion CNY", "100m_cny", "10000"),
        ("billion CNY", "100m_cny", "10"),
        ("元", "cny", "1"),
        ("家", "count", "1"),
        ("个", "count", "1"),
        ("户", "count", "1"),
        ("种", "count", "1"),
        ("项", "count", "1"),
        ("人", "count", "1"),
        ("万家", "count", "10000"),
        ("万户", "count", "10000"),
        ("万人", "count", "10000"),
        ("%", "pct", "1"),
        ("％", "pct", "1"),
        ("‰", "pct", "0.1"),
        ("百分点", "pp", "1"),
        ("个百分点", "pp", "1"),
        ("平方公里", "km2", "1"),
        ("公顷", "km2", "0.01"),
        ("比例", "ratio", "1"),
        ("100m_cny", "100m_cny", "1"),
    ],
)
def test_a_printed_unit_has_a_canonical_code_and_factor(text, code, factor):
    assert parse_unit(text) == Unit(code, Decimal(factor))


@pytest.mark.parametrize(
    ("printed", "unit", "value"),
    [
        ("1.49", "万亿元", 14900.0),
        (1.49, "trillion CNY", 14900.0),
        (1001.5, "万元", 0.10015),
        (1318.7, "billion CNY", 13187.0),
        (1703.42, "亿元", 1703.42),
        (2, "万家", 20000.0),
        (94.04, "万人", 940400.0),
        (3.7, "‰", 0.37),
        (57.6, "公顷", 0.576),
        (Decimal("0.1"), "万元", 0.00001),
        (0.0, "万元", 0.0),
        (None, "万元", None),
        ("-", "万元", None),
    ],
)
def test_conversion_leaves_no_binary_dust(printed, unit, value):
    assert to_canonical(printed, parse_unit(unit)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), 1e305])
def test_a_value_that_is_not_finite_is_refused(value):
    with pytest.raises(NormaliseError):
        to_canonical(value, parse_unit("万亿元"))


@pytest.mark.parametrize(
    "text", ["亿美元", "万吨", "", "亿元/家", "billion CNY(印刷错误,应为亿元)", "比例(“约”)"]
)
def test_an_unknown_unit_is_refused_with_the_known_ones(text):
    with pytest.raises(NormaliseError, match="one of 亿元、.*平方公里"):
        parse_unit(text)


def test_yi_alone_is_money_only_where_the_source_is_known_to_drop_yuan():
    with pytest.raises(NormaliseError, match="亿 of what"):
        parse_unit("亿")
    assert parse_unit("亿", bare_yi_is_money=True) == parse_unit("亿元")
    assert parse_unit("万亿", bare_yi_is_money=True) == parse_unit("万亿元")
    with pytest.raises(NormaliseError, match="is of no indicator here"):
        parse_unit("亿千瓦时", bare_yi_is_money=True)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("各县市区主要经济指标 单位:亿元", "亿元"),
        ("计量单位：万元", "万元"),
        ("主要指标(4月)单位:亿元", "亿元"),
        ("单 位：户", "户"),
        ("地区生产总值(亿元)", "亿元"),
        ("公共财政预算收入（万元）", "万元"),
        ("比上年增长〔％〕", "％"),
        ("生产总值(GDP)(亿元)", "亿元"),
        ("单位:亿元 (亿元)", "亿元"),
        ("生产总值(GDP)", None),
        ("填报单位:潍坊市统计局", None),
        ("填报单位:奎文区  计量单位:亿元", "亿元"),
        ("单位负责人:", None),
        ("", None),
    ],
)
def test_a_title_or_header_tells_its_unit(text, unit):
    assert unit_in_text(text) == unit


@pytest.mark.parametrize("text", ["单位:亿元、%", "增加值(亿元) 增速(%)", "单位:亿美元", "单位:亿元,万吨"])
def test_a_title_with_an_unknown_unit_or_with_two_is_refused(text):
    with pytest.raises(NormaliseError):
        unit_in_text(text)


@settings(max_examples=25, deadline=None)
@given(digits=st.integers(-(10**12), 10**12), places=st.integers(0, 3), unit=st.sampled_from(sorted(UNITS)))
def test_conversion_agrees_with_arithmetic_on_paper(digits, places, unit):
    printed = Decimal(digits).scaleb(-places)
    assert to_canonical(float(printed), UNITS[unit]) == float(printed * UNITS[unit].factor)


@settings(max_examples=25, deadline=None)
@given(text=st.text() | st.text("单位:：亿万元家()（）%、", max_size=10))
def test_any_text_is_a_unit_or_is_refused(text):
    for read in (parse_unit, unit_in_text):
        try:
            assert isinstance(read(text), Unit | str | None)
        except NormaliseError as refusal:
            assert refusal.reason and refusal.expected
