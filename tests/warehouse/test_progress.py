"""Progress of the plan as one line per target: which period speaks, and how figures are printed."""

import io
from datetime import date

import duckdb
import pytest
from rich.console import Console

from warehouse.progress import (
    STATUSES,
    bands_zh,
    difference,
    newest_full,
    period_end,
    plan_progress,
    render,
    with_unit,
)
from warehouse.release import Release

pytestmark = pytest.mark.slow

COLUMNS = """
    plan_version varchar, target_id varchar, indicator_code varchar, scope varchar, tier varchar,
    operator varchar, target_value double, unit varchar, target_year integer, period varchar, value double,
    value_vintage varchar, value_published_on date, base_value double, base_period varchar, method varchar,
    published_value double, ratio double, gap double, required_per_year double, projected_value double,
    status varchar, rag varchar, reason varchar, data_origin varchar
"""
GOP = {
    "plan_version": "draft_2024-10-11",
    "target_id": "TG01",
    "indicator_code": "gop",
    "operator": "gt",
    "target_value": 2000,
    "unit": "100m_cny",
    "target_year": 2027,
    "base_value": 1703.42,
    "base_period": "2024",
    "data_origin": "published",
    "status": "no_data",
}
QUOTA = GOP | {"target_id": "TG13", "indicator_code": "cluster_new", "unit": "count", "target_value": 3}


@pytest.fixture
def release_of(tmp_path):
    """A release whose plan_progress holds these rows; `labels` become dim_target."""

    def make(*rows, labels=None):
        path = tmp_path / "marts.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"begin; create table plan_progress ({COLUMNS})")
            for row in rows:
                names, marks = ", ".join(row), ", ".join("?" * len(row))
                connection.execute(
                    f"insert into plan_progress ({names}) values ({marks})", list(row.values())
                )
            if labels:
                connection.execute("create table dim_target as select * from (values " + labels)
            connection.execute("commit")
        return Release(tmp_path, "20261123T021503Z", {})

    return make


def printed(rows):
    stream = io.StringIO()
    Console(file=stream, width=200).print(render(rows))
    return [line.split() for line in stream.getvalue().splitlines() if "TG" in line]


def test_a_target_stands_where_its_latest_known_period_does(release_of):
    known = {
        "period": "2025",
        "value": 1790,
        "ratio": 0.924799,
        "gap": 210,
        "status": "acceleration_needed",
        "rag": "yellow",
        "value_vintage": "preliminary",
        "value_published_on": date(2026, 3, 1),
    }
    release = release_of(
        GOP | known,
        GOP | {"period": "2024", "value": 1703.42, "status": "not_assessable"},
        GOP | {"period": "2026", "status": "no_data", "reason": "未公布"},
        GOP | {"period": "2027", "status": "not_due"},
        labels="('draft_2024-10-11', 'TG01', '海洋生产总值', '亿元'), ('final', 'TG01', '另一指标', '个'))"
        " as t (plan_version, target_id, indicator_name_zh, unit_zh)",
    )
    [line] = plan_progress(release)
    assert (line.period, line.value, line.base_value, line.base_period) == ("2025", 1790.0, 1703.42, "2024")
    assert (line.ratio, line.gap, line.status, line.rag) == (0.924799, 210.0, "acceleration_needed", "yellow")
    assert (line.label_zh, line.unit, line.unit_zh) == ("海洋生产总值", "100m_cny", "亿元")
    assert (line.vintage, line.published_on, line.data_origin) == (
        "preliminary",
        date(2026, 3, 1),
        "published",
    )
    assert printed([line]) == [
        ["TG01", "海洋生产总值", ">", "2,000", "亿元", "2027", "1,790", "亿元", "2025", "1,703.42", "(2024)"]
        + ["92.5%", "需加快", "210", "亿元", "公布"]
    ]


def test_without_a_value_the_latest_period_that_is_due_speaks(release_of):
    release = release_of(
        QUOTA | {"period": "2024", "status": "no_data", "reason": "较早"},
        QUOTA | {"period": "2025", "status": "no_data", "reason": "评选结果未公布"},
        QUOTA | {"period": "2026", "status": "not_due"},
    )
    [line] = plan_progress(release)
    assert (line.period, line.status, line.reason) == ("2025", "no_data", "评选结果未公布")


def test_when_nothing_is_due_the_first_period_to_come_speaks(release_of):
    periods = ("2027", "2026", "2028")
    [line] = plan_progress(release_of(*(QUOTA | {"period": p, "status": "not_due"} for p in periods)))
    assert (line.period, line.status) == ("2026", "not_due")


def test_what_is_not_known_is_a_dash_and_zero_is_zero(release_of):
    release = release_of(
        QUOTA | {"target_id": "TG12", "period": None, "data_origin": None, "operator": "approx"},
        QUOTA | {"period": "2025", "value": 0, "ratio": 0.0, "gap": 3, "status": "limited_progress"},
        QUOTA
        | {"target_id": "TG15", "operator": "unspecified", "target_value": None, "status": "not_assessable"},
    )
    rows = plan_progress(release)
    assert printed(rows) == [
        ["TG12", "cluster_new", "≈", "3", "个", "2027", "—", "—", "—", "—", "无数据", "—", "—"],
        [
            "TG13",
            "cluster_new",
            ">",
            "3",
            "个",
            "2027",
            "0",
            "个",
            "2025",
            "1,703.42",
            "(2024)",
            "0.0%",
            "进展有限",
            "3",
            "个",
            "公布",
        ],
        ["TG15", "cluster_new", "—", "2027", "—", "—", "—", "—", "无法评估", "—", "—"],
    ]
    assert rows[0].value is None and rows[1].value == 0.0


def test_percentages_differ_by_percentage_points(release_of):
    share = GOP | {"unit": "pct", "target_value": 21, "period": "2024", "value": 20.77, "gap": 0.23}
    [line] = plan_progress(release_of(share))
    assert (line.target_text, line.gap_text) == ("> 21%", "0.23 个百分点")


def test_two_versions_of_the_plan_are_two_lines(release_of):
    final = GOP | {"plan_version": "final_2025-01-01", "target_value": 2100, "period": "2025"}
    rows = plan_progress(release_of(final, GOP | {"period": "2025"}))
    assert [(row.plan_version, row.target_value) for row in rows] == [
        ("draft_2024-10-11", 2000.0),
        ("final_2025-01-01", 2100.0),
    ]


def test_the_colour_is_the_marts_and_else_that_of_the_status(release_of):
    rows = [GOP | {"target_id": f"TG{n:02}", "status": status} for n, status in enumerate(STATUSES)]
    lines = plan_progress(release_of(*rows, GOP | {"target_id": "TG99", "status": "achieved", "rag": "red"}))
    assert [line.colour for line in lines] == [
        *(["green"] * 3),
        "yellow",
        *(["red"] * 3),
        *(["grey"] * 3),
        "red",
    ]
    assert lines[1].status_zh == "基本实现"


@pytest.mark.parametrize(
    ("period", "end"),
    [
        ("2024", date(2024, 12, 31)),
        ("2024H1", date(2024, 6, 30)),
        ("2024Q1", date(2024, 3, 31)),
        ("2024Q1-Q3", date(2024, 9, 30)),
        ("2024-02", date(2024, 2, 29)),
        ("2022-01..2022-11", date(2022, 11, 30)),
        ("2024-12-30", date(2024, 12, 30)),
    ],
)
def test_a_period_ends_on(period, end):
    assert period_end(period) == end


def test_an_unknown_period_is_an_error():
    with pytest.raises(ValueError, match="unknown period '十四五'"):
        period_end("十四五")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1703.42, "亿元", "1,703.42 亿元"),
        (20.774, "%", "20.77%"),
        (-0.3, "个百分点", "-0.3 个百分点"),
        (4.0, "个", "4 个"),
        (0.0, "家", "0 家"),
        (-0.001, "%", "0%"),
        (None, "亿元", "—"),
        (1.5, "", "1.5"),
    ],
)
def test_a_figure_is_printed_with_its_unit(value, unit, text):
    assert with_unit(value, unit) == text


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (
            {"ratio_on_track": "0.95", "ratio_acceleration": "0.60"},
            "不低于95%为进度正常,60%至95%需加快,低于60%进展有限",
        ),
        (
            {"ratio_on_track": "0.9", "ratio_acceleration": "0.555"},
            "不低于90%为进度正常,55.5%至90%需加快,低于55.5%进展有限",
        ),
        ({}, "由高到低为进度正常,需加快,进展有限"),
    ],
)
def test_the_bounds_of_the_ratio_are_told_as_the_release_was_judged(parameters, said):
    assert (
        bands_zh(parameters) == f"进度比=实际进度÷应有进度:{said},负值为倒退;这是简化的判断,须与缺口一并看。"
    )


def periods(**values):
    return {
        period.replace("y", ""): [{"value": value} for value in found] for period, found in values.items()
    }


@pytest.mark.parametrize(
    ("found", "newest"),
    [
        (periods(y2023=[1, 2, 3, 4], y2024=[1, 2, None, None]), "2023"),  # half is not more than half
        (periods(y2023=[1, 2, 3, 4], y2024=[1, 2, 3, None]), "2024"),
        (periods(y2023=[1, None, None], y2024=[None, None, None]), "2023"),  # the fullest
        (periods(y2022=[1, None, None], y2023=[1, None, None]), "2023"),
        ({"2025": [{"value": 1}], "2025-07": [{"value": 1}]}, "2025"),  # by its end, not by its text
        ({"2024Q1-Q3": [{"value": 1}], "2024": [{"value": 1}]}, "2024"),
    ],
)
def test_the_newest_period_is_the_last_that_more_than_half_have_a_value_of(found, newest):
    assert newest_full(found) == newest


def test_two_percentages_differ_by_points_and_two_amounts_by_their_unit():
    assert [difference(-0.2, "%"), difference(4.0, "亿元"), difference(None, "%")] == [
        "-0.2 个百分点",
        "4 亿元",
        "—",
    ]
