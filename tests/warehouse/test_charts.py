"""Charts of marts: what a reader sees of a figure, of a missing one, of demo data and on a machine without Chinese fonts."""

import json

import polars as pl
import pytest

from warehouse import charts
from warehouse.progress import STATUSES, TargetProgress

pytestmark = pytest.mark.slow  # the first import of altair alone takes seconds


def target(**changes) -> TargetProgress:
    fields = {
        "plan_version": "draft", "target_id": "TG01", "label_zh": "海洋生产总值", "operator": "gt",
        "target_value": 2000.0, "unit": "cny_100m", "unit_zh": "亿元", "target_year": 2027, "value": 1703.42,
        "period": "2024", "base_value": 1596.8, "base_period": "2023", "ratio": 1.153, "status": "on_track",
        "rag": "green", "gap": -296.58, "data_origin": "published", "reason": None, "vintage": "press",
        "published_on": None,
    }  # fmt: skip
    return TargetProgress(**(fields | changes))


def test_every_status_and_every_colour_has_a_symbol_of_its_own():
    assert set(charts.SYMBOLS) == set(STATUSES)
    assert len(set(charts.SYMBOLS.values())) == len(STATUSES)
    assert set(charts.MARKS) == set(charts.COLOURS) == {colour for _, colour in STATUSES.values()}
    assert len(set(charts.MARKS.values())) == len(charts.MARKS)


def test_an_area_without_a_value_keeps_its_line_and_shows_a_dash():
    rows = pl.DataFrame(
        {"name_zh": ["寿光市", "滨海区"], "value": [812.3, None], "rank": [1, None]},
        schema_overrides={"rank": pl.Int32},
    )
    shown = charts.area_ranking(rows, title="地区生产总值", unit_zh="亿元", demo=False)
    assert [(row["name_zh"], row["value"], row["label"]) for row in shown.data.values] == [
        ("寿光市", 812.3, "812.3"),
        ("滨海区", None, "—"),
    ]


@pytest.mark.parametrize(("demo", "marked"), [(True, True), (False, False)])
def test_a_chart_says_that_it_rests_on_demo_data_when_it_does(demo, marked):
    rows = pl.DataFrame({"body_name_zh": ["市海渔局"], "rag": ["red"], "tasks": [2]})
    text = json.dumps(charts.ledger(rows, title="工作台账", demo=demo).to_dict(), ensure_ascii=False)
    assert (charts.DEMO in text) is marked


def test_a_target_without_a_ratio_keeps_its_line_and_has_no_bar():
    chart = charts.targets_overview([target(), target(target_id="TG02", ratio=None, status="no_data")])
    [row] = [one for one in chart.to_dict()["layer"][0]["data"]["values"] if "TG02" in one["target"]]
    assert (row["ratio"], row["text"]) == (None, "□ 无数据")


def test_svg_keeps_its_text_as_text_and_names_no_outside_host():
    drawing = charts.svg(charts.targets_overview([target()]))
    assert "海洋生产总值" in drawing
    assert "http" not in drawing.replace("http://www.w3.org/", "")


def test_a_machine_that_draws_no_chinese_gets_an_error_that_names_the_package_and_no_boxes(monkeypatch):
    monkeypatch.setattr(charts, "has_chinese_font", lambda: False)
    with pytest.raises(charts.FontMissing, match="fonts-noto-cjk"):
        charts.png(charts.targets_overview([target()]))


def test_two_characters_that_no_font_has_come_out_alike_and_two_latin_ones_do_not():
    assert charts._drawn_apart("A", "B")
    assert not charts._drawn_apart("\U000f1234", "\U000f1235")
