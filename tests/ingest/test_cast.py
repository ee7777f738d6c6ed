"""Casting: every text becomes its type or a fault that says which field, why, and what was expected."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from ingest.datasets import DATASETS, Dataset, Field
from ingest.normalise import NormaliseError
from ingest.parsers import cast as casting
from ingest.parsers.cast import Fault, cast


@pytest.fixture
def cast_one(reference):
    """Cast texts as one field of that kind: the columns made, and the faults."""

    def cast_one(kind, *texts, name="x", unit=None, required=False, vocabulary=None):
        records = pl.DataFrame({name: texts}, schema={name: pl.String})
        if unit:
            records = records.with_columns(pl.lit(unit).alias("unit"))
        dataset = Dataset("d", (Field(name, kind, required, vocabulary),))
        return cast(records, dataset, reference)

    return cast_one


FIGURE = {
    "area": "潍坊市",
    "indicator": "海洋生产总值",
    "period": "2024",
    "value": "1703.42",
    "unit": "亿元",
    "source_tier": "O",
    "is_actual": "是",
}


@pytest.fixture
def cast_figures(reference):
    """Cast records of figures, each like FIGURE but for what is told."""

    def cast_figures(*changes):
        records = pl.DataFrame(
            [FIGURE | change for change in changes], schema=dict.fromkeys(FIGURE, pl.String)
        )
        return cast(records, DATASETS["indicator_figures"], reference)

    return cast_figures


# ── kinds ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "text", "row"),
    [
        ("text", " 初步核算 ", {"x": "初步核算"}),
        ("number", "10.5", {"x": 10.5}),
        ("number", "1,703.42", {"x": 1703.42}),
        ("integer", "1,847", {"x": 1847}),
        ("percent", "5.3%", {"x_text": "5.3%", "x_pct": 5.3}),
        ("percent", "-0.4", {"x_text": "-0.4", "x_pct": -0.4}),
        ("date", "2024年10月11日", {"x": date(2024, 10, 11)}),
        ("flag", "是", {"x": True}),
        ("flag", "未组建", {"x": False}),
        (
            "partial_date",
            "2024-02",
            {"x_text": "2024-02", "x_on": date(2024, 2, 29), "x_precision": "month"},
        ),
        ("partial_date", "2024", {"x_text": "2024", "x_on": date(2024, 12, 31), "x_precision": "year"}),
        (
            "period",
            "2024年1-9月",
            {
                "period_text": "2024年1-9月",
                "period_id": "2024Q1-Q3",
                "period_start": date(2024, 1, 1),
                "period_end": date(2024, 9, 30),
                "period_kind": "range",
                "is_cumulative": True,
            },
        ),
        (
            "area",
            "寒亭区(含经济开发区)",
            {"x_text": "寒亭区(含经济开发区)", "x_id": "hanting", "x_scope_note": "含经济开发区"},
        ),
        ("indicator", "海洋生产 总值", {"indicator_text": "海洋生产 总值", "indicator_code": "gop"}),
        (
            "company",
            "潍坊（ 澥鑫 ）公司①",
            {"x_text": "潍坊（ 澥鑫 ）公司①", "x_normalised": "潍坊(澥鑫)公司"},
        ),
        (
            "credit_code",
            "91370700ma3c0a1b2x",
            {"x_text": "91370700ma3c0a1b2x", "x": None, "x_fault": "bad_check_digit"},
        ),
    ],
)
def test_a_text_becomes_the_columns_of_its_kind(cast_one, kind, text, row):
    name = {"period": "period", "indicator": "indicator"}.get(kind, "x")
    made, faults = cast_one(kind, text, name=name)
    assert made.rows(named=True) == [row]
    assert faults == []


def test_a_word_becomes_its_code_and_the_print_stays(cast_one):
    made, faults = cast_one("word", "初步核算", "公示(拟确认)", None, vocabulary="vintage")
    assert made.rows() == [("初步核算", "preliminary"), ("公示(拟确认)", "proposed"), (None, None)]
    assert faults == []


@pytest.mark.parametrize("dash", ["", " ", "-", "－", "—", "——", "--", "–", "…", "/", "N/A"])
def test_a_dash_is_not_reported_rather_than_zero(cast_one, dash):
    print_ = dash.strip() or None  # a blank, a dash and … are three prints of nothing
    made, faults = cast_one("quantity", dash, "0", name="value", unit="亿元")
    assert made.rows(named=True) == [
        {"value_text": print_, "unit_text": "亿元", "operator": None, "value": None, "unit": None},
        {"value_text": "0", "unit_text": "亿元", "operator": "eq", "value": 0.0, "unit": "100m_cny"},
    ]
    assert faults == []
    for kind in ("number", "integer"):
        assert cast_one(kind, dash, "0")[0]["x"].to_list() == [None, 0]
    assert cast_one("percent", dash, "0")[0].rows() == [(print_, None), ("0", 0.0)]


@pytest.mark.parametrize(
    ("printed", "unit", "value", "code", "operator"),
    [
        ("1.49", "万亿元", 14900.0, "100m_cny", "eq"),
        ("10543800", "百万元", 105438.0, "100m_cny", "eq"),
        ("1001.5", "万元", 0.10015, "100m_cny", "eq"),
        ("超过 2000", "亿元", 2000.0, "100m_cny", "gt"),
        ("98左右", "%", 98.0, "pct", "approx"),
        ("12.5%", "%", 12.5, "pct", "eq"),
        ("0.3", "万家", 3000.0, "count", "eq"),
        ("500", "公顷", 5.0, "km2", "eq"),
    ],
)
def test_a_quantity_stands_in_its_canonical_unit_with_both_prints_kept(
    cast_one, printed, unit, value, code, operator
):
    made, faults = cast_one("quantity", printed, name="value", unit=unit)
    assert made.rows(named=True) == [
        {"value_text": printed, "unit_text": unit, "operator": operator, "value": value, "unit": code}
    ]
    assert faults == []


def test_a_footnote_mark_is_cut_for_reading_and_kept_in_print(cast_figures):
    change = {"area": "寿光市①", "indicator": "海洋生产总值[2]", "period": "2024*", "value": "91.3[2]"}
    made, faults = cast_figures(change)
    assert faults == []
    read = ("area_id", "indicator_code", "period_id", "value")
    assert made.select(read).rows() == [("shouguang", "gop", "2024", 91.3)]
    printed = ("area_text", "indicator_text", "period_text", "value_text")
    assert made.select(printed).rows() == [tuple(change.values())]


def test_how_a_publisher_prints_decimals_and_yi_is_told_beside_the_fields(reference):
    records = pl.DataFrame([FIGURE | {"value": "615、7", "unit": "亿", "growth": "9、5"}])
    told = records.with_columns(pl.lit("、").alias(casting.DECIMAL_MARK), pl.lit(True).alias(casting.BARE_YI))
    made, faults = cast(told, DATASETS["indicator_figures"], reference)
    assert faults == []
    columns = ("value", "unit", "growth_pct", "value_text")
    assert made.select(columns).rows() == [(615.7, "100m_cny", 9.5, "615、7")]
    assert {fault.field for fault in cast(records, DATASETS["indicator_figures"], reference)[1]} == {
        "value",
        "growth",
    }


def test_a_label_that_was_looked_up_stands_as_it_was_printed(reference):
    records = pl.DataFrame([FIGURE | {casting.printed_as("indicator"): "  #海洋 生产"}])
    made, _ = cast(records, DATASETS["indicator_figures"], reference)
    assert made.select("indicator_text", "indicator_code").rows() == [("  #海洋 生产", "gop")]


# ── faults ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "field", "text", "reason", "expected"),
    [
        ({"area": "潍方市"}, "area", "潍方市", "unknown area '潍方市'", "known names; nearest: 潍坊市"),
        ({"indicator": "海洋"}, "indicator", "海洋", "unknown indicator '海洋'", "indicator_aliases.csv"),
        ({"period": "近年"}, "period", "近年", "'近年' is no definite period", "a period such as 2024"),
        ({"value": "17O3"}, "value", "17O3 亿元", "'17O3' is not one certain number", "digits such as"),
        ({"value": "5%"}, "value", "5% 亿元", "'5%' is not one certain number", "no unit or %"),
        ({"unit": "亿"}, "value", "1703.42 亿", "unit '亿' does not say 亿 of what", "亿元, 万亿元"),
        ({"unit": None}, "value", "1703.42", "the figure has no unit", "a unit in the row"),
        ({"source_tier": "A"}, "source_tier", "A", "unknown word 'A' for source_tier", "one of O、P、M、E"),
        ({"is_actual": "也许"}, "is_actual", "也许", "unknown word '也许' for flag", "one of 是、否"),
    ],
)
def test_a_fault_names_the_row_the_field_the_reason_and_what_was_expected(
    cast_figures, change, field, text, reason, expected
):
    made, [fault] = cast_figures({}, change, {})
    assert (fault.row, fault.field, fault.text, fault.reason) == (1, field, text, reason)
    assert expected in fault.expected
    assert made.height == 3 and made["value"].to_list()[::2] == [1703.42, 1703.42]


@pytest.mark.parametrize("name", ["area", "indicator", "source_tier", "is_actual"])
def test_a_required_field_that_is_missing_or_a_dash_is_a_fault(cast_figures, name):
    made, faults = cast_figures({name: None}, {}, {name: "—"})
    assert faults == [Fault(row, name, None, f"{name} is missing", "a value") for row in (0, 2)]


def test_a_required_field_without_any_column_is_missing_in_every_row(reference):
    records = pl.DataFrame({"name": ["甲公司", "乙公司"]})
    faults = cast(records, DATASETS["above_scale_frame"], reference)[1]
    assert [(fault.row, fault.field) for fault in faults] == [
        *((0, "uscc"), (1, "uscc"), (0, "entered_on"), (1, "entered_on"))
    ]


def test_what_stands_for_nothing_does_not_fill_a_required_name_or_code(cast_one):
    assert [f.row for f in cast_one("company", "①", "甲公司①", None, required=True)[1]] == [0, 2]
    # a code with a fault is kept, since a person can find the firm by it
    assert [f.row for f in cast_one("credit_code", "无", "123", None, required=True)[1]] == [0, 2]


@pytest.mark.parametrize(
    ("kind", "text", "reason", "expected"),
    [
        ("integer", "12.5", "'12.5' is not a whole number", "a whole number"),
        ("number", "约10", "'约10' is a bound or an approximation", "the figure itself"),
        ("percent", "超过5%", "'超过5%' is a bound or an approximation", "the figure itself"),
        ("integer", "3以上", "'3以上' is a bound or an approximation", "the figure itself"),
        ("date", "2024-10", "'2024-10' is not a full date", "year, month and day, such as 2024-10-11"),
        ("date", "2024-02-30", "'2024-02-30' is no day of the calendar", "a date such as 2024-10-11"),
        ("partial_date", "45576", "'45576' is not a date", "a date such as 2024-10-11"),
    ],
)
def test_a_text_that_is_not_surely_its_type_is_a_fault(cast_one, kind, text, reason, expected):
    made, [fault] = cast_one(kind, text)
    assert (fault.field, fault.text, fault.reason) == ("x", text, reason)
    assert expected in fault.expected
    assert made.row(0)[-1] is None


def test_a_word_is_asked_once_however_often_it_is_printed(cast_one, reference, monkeypatch):
    asked = []

    def word(self, vocabulary, text):
        asked.append(text)
        if text == "乙":
            raise NormaliseError("unknown word '乙'", "甲")
        return text

    monkeypatch.setattr(type(reference), "word", word)
    made, faults = cast_one("word", *["甲", "乙", None, "丙"] * 250, vocabulary="vintage")
    assert sorted(asked) == ["丙", "乙", "甲"]
    assert made["x"].to_list() == ["甲", None, None, "丙"] * 250
    assert made["x_text"].to_list()[:4] == ["甲", "乙", None, "丙"]
    assert [fault.row for fault in faults] == list(range(1, 1000, 4))


def test_a_column_in_which_nothing_is_printed_keeps_its_types(reference):
    made, faults = cast(
        pl.DataFrame({"name": [None]}, schema={"name": pl.String}), DATASETS["cluster_titles"], reference
    )
    schema = {
        name: dtype for name, dtype in DATASETS["cluster_titles"].columns.items() if name in made.columns
    }
    assert {name: made.schema[name] for name in schema} == schema
    assert {fault.field for fault in faults} == {"tier", "city_text", "status"}


def test_every_field_of_every_dataset_has_a_caster_and_fills_its_columns(reference):
    for dataset in DATASETS.values():
        made, _ = cast(pl.DataFrame({"x": []}, schema={"x": pl.String}), dataset, reference)
        provenance = {"row_id", "source_id", "source_sha256", "source_locator", "data_origin", "snapshot_on"}
        assert set(dataset.columns) - set(made.columns) <= provenance | {"published_on"}, dataset.name
    with pytest.raises(ValueError, match="no caster for 'colour'"):
        casting._caster(Field("x", "colour"), reference, casting._How())
