"""Words, numbers and refusals of the Superset bundle; the whole of it is tested on the full dictionary in test_bi_bundle."""

import json

import duckdb
import pytest

from warehouse.bi import charts
from warehouse.bi.charts import LayoutError
from warehouse.bi.datasets import datasets, only_value
from warehouse.bi.dictionary import Column, Table, codes_in, label_in
from warehouse.progress import newest_full

AREAS = Table(
    "dim_area",
    "main",
    "地区",
    (
        Column("area_id", "varchar", "地区", "地区", is_key=True),
        Column("name_zh", "varchar", "简称", "简称"),
        Column("area_level", "varchar", "层级", "层级"),
    ),
)
COUNTS = Table(
    "cluster_counts",
    "main",
    "集聚区数量",
    (
        Column("area_id", "varchar", "地区", "地区", is_key=True),
        Column(
            "tier",
            "varchar",
            "级别",
            "级别",
            is_key=True,
            codes=(("provincial", "省级"), ("municipal", "市级")),
        ),
        Column("year", "integer", "年份", "年份", is_key=True),
        Column("stock", "integer", "集聚区数量", "集聚区数量", "count"),
        Column(
            "data_origin", "varchar", "来源性质", "来源性质", codes=(("demo", "演示"), ("published", "公布"))
        ),
    ),
)
SCORES = Table(
    "area_scorecard",
    "main",
    "地区对比",
    tuple(Column(name, "varchar", name, name) for name in ("indicator", "basis", "period"))
    + (Column("value", "double", "数值", "数值"),),
)
TASKS = Table(
    "task_ledger",
    "main",
    "工作台账",
    tuple(
        Column(name, "varchar", name, name)
        for name in ("plan_version", "task_id", "period", "source_row_ids")
    ),
)
CHART = {
    "title": "集聚区",
    "kind": "bar",
    "table": "cluster_counts",
    "x": "year",
    "metrics": ["stock"],
    "by": "tier_zh",
}


@pytest.fixture
def dataset():
    return datasets([AREAS, COUNTS])["cluster_counts"]


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        (
            "三色:green 绿、yellow 黄、red 红;grey 未报",
            [("green", "绿"), ("yellow", "黄"), ("red", "红"), ("grey", "未报")],
        ),
        ("比较方式:gt 超过、approx_diff 高于…左右", [("gt", "超过"), ("approx_diff", "高于…左右")]),
        ("外推方法:mean_annual_change 年均变化", []),  # one word is a remark, not a list
        ("频次代码;带 _suggested 者为建议", []),
        (
            "范围:all 全部,其余不明、marine 涉海、另见说明",
            [],
        ),  # a piece that is no code: the list is not complete
        ("海洋生产总值(亿元,现价):最终成果", []),
    ],
)
def test_code_words_are_taken_where_the_dictionary_lists_them_all(description, expected):
    assert list(codes_in(description)) == expected


@pytest.mark.parametrize(
    ("description", "unit", "expected"),
    [
        ("海洋生产总值(亿元,现价):最终成果", "100m_cny", "海洋生产总值(亿元)"),
        ("目标值;TG11 以单元覆盖率100%计", None, "目标值"),
        ("公布数", "pct", "公布数(%)"),
        ("在册称号数", "count", "在册称号数"),
    ],
)
def test_a_heading_is_the_head_of_the_description_with_its_unit(description, unit, expected):
    assert label_in(description, unit) == expected


def test_a_dataset_shows_words_beside_codes_and_names_beside_ids(dataset):
    with duckdb.connect() as connection:
        connection.execute(
            "create table dim_area as select 'kuiwen' as area_id, '奎文区' as name_zh, 'county' as area_level"
        )
        connection.execute(
            "create table cluster_counts as select * from (values ('kuiwen', 'municipal', 2026, 1),"
            " ('nowhere', 'national', 2026, null)) as t (area_id, tier, year, stock),"
            " (values ('published')) as origins (data_origin)"
        )
        found = connection.execute(f"select * from ({dataset.sql}) order by area_id")
        assert [column[0] for column in found.description] == [column.name for column in dataset.columns]
        assert found.fetchall() == [
            ("kuiwen", "municipal", 2026, 1, "published", "市级", "市级", "公布", "奎文区", "county"),
            # no word: the code itself, never a guess
            ("nowhere", "national", 2026, None, "published", "national", "national", "公布", None, None),
        ]


def test_the_series_of_demo_rows_is_named_apart_from_that_of_real_ones(dataset):
    with duckdb.connect() as connection:
        connection.execute("create table dim_area as select '' as area_id, '' as name_zh, '' as area_level")
        connection.execute(
            "create table cluster_counts as select '' as area_id, * from (values ('municipal', 2025, 4, 'demo'),"
            " ('municipal', 2026, 5, 'published'), ('national', 2026, 1, 'demo'), ('provincial', 2026, 1, null))"
            " as t (tier, year, stock, data_origin)"
        )
        found = connection.execute(f"select tier, series_zh from ({dataset.sql}) order by all").fetchall()
    assert found == [
        ("municipal", "市级"),
        ("municipal", "市级(演示)"),
        ("national", "national(演示)"),
        ("provincial", "省级"),
    ]


# ── which rows are the latest ────────────────────────────────────────────────────────────────────────────────────


GROUPS = {
    # as published: two of the twelve counties print 2022, and no zone does
    ("gdp", "current"): {
        "2019": [1.0, 2.0] + [None] * 10,
        "2021": [1.0] * 12 + [1.0] * 4 + [None],
        "2022": [1.0, 2.0] + [None] * 10,
    },
    ("gdp", "constant"): {"2022": [1.0, 2.0, None], "2020": [1.0, 2.0, 3.0]},
    ("half", "all"): {"2023": [1.0, 2.0], "2024": [1.0, None]},
    ("months of the year", "all"): {"2025": [1.0], "2025-07": [1.0], "2025Q1-Q3": [1.0], "2025H1": [1.0]},
    ("quarters", "all"): {"2025Q1-Q3": [1.0], "2025Q2": [1.0], "2025-08": [1.0]},
    ("days", "all"): {"2025-07-31": [1.0], "2025-12-30": [1.0], "2024-12-31": [1.0]},
    ("a day and its year", "all"): {"2025-11-30": [1.0], "2025": [1.0]},
    ("a day and a month", "all"): {"2025-02": [1.0], "2025-02-27": [1.0]},
    ("ranges", "all"): {"2022-01..2022-11": [1.0], "2022-12": [1.0], "2021-12-30..2022-12-30": [1.0]},
    ("the fullest", "all"): {"2022": [1.0, None], "2023": [1.0, None, None], "2024": [None]},
    ("of equals the newest", "all"): {
        "2021": [1.0] + [None] * 2,
        "2022": [1.0, 2.0] + [None] * 4,
        "2023": [None],
    },
    ("nothing known", "all"): {"2022": [None], "2023": [None, None]},
    ("zero", "all"): {"2022": [1.0, 2.0], "2023": [0.0, 0.0]},
}
CHOSEN = {
    ("gdp", "current"): "2021",
    ("gdp", "constant"): "2022",
    ("half", "all"): "2023",
    ("months of the year", "all"): "2025",
    ("quarters", "all"): "2025Q1-Q3",
    ("days", "all"): "2025-12-30",
    ("a day and its year", "all"): "2025",
    ("a day and a month", "all"): "2025-02",
    ("ranges", "all"): "2022-12",
    ("the fullest", "all"): "2022",
    ("of equals the newest", "all"): "2022",
    ("nothing known", "all"): "2023",
    ("zero", "all"): "2023",
}


def test_the_scorecard_shows_the_newest_period_that_more_than_half_have_a_value_of():
    """The rows of that period and no others, and the period that the site and the workbook take."""
    rows = [
        (*series, period, value)
        for series, periods in GROUPS.items()
        for period, values in periods.items()
        for value in values
    ]
    with duckdb.connect() as connection:
        connection.execute(
            "create table area_scorecard (indicator varchar, basis varchar, period varchar, value double)"
        )
        connection.executemany("insert into area_scorecard values (?, ?, ?, ?)", rows)
        sql = datasets([SCORES])["area_scorecard"].sql
        found = connection.execute(f"select * exclude (is_latest) from ({sql}) where is_latest").fetchall()
    assert {(indicator, basis): period for indicator, basis, period, _ in found} == CHOSEN
    expected = [row for row in rows if row[2] == CHOSEN[row[:2]]]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert {
        series: newest_full(
            {period: [{"value": value} for value in values] for period, values in periods.items()}
        )
        for series, periods in GROUPS.items()
    } == CHOSEN


def test_the_latest_month_of_the_ledger_is_one_of_which_something_was_returned():
    """Of every plan version its own; of a ledger to which nothing was ever returned it is the last."""
    with duckdb.connect() as connection:
        connection.execute("create schema meta; create table meta.release (plan_version varchar)")
        connection.execute(
            "create table task_ledger as select * from (values"
            " ('draft', 'T1', '2026-09', 'r1'), ('draft', 'T2', '2026-09', 'r2'),"
            " ('draft', 'T1', '2026-10', 'r3'), ('draft', 'T2', '2026-10', null),"
            " ('draft', 'T1', '2026-11', null), ('draft', 'T2', '2026-11', null),"
            " ('issued', 'T1', '2026-08', 'r4'), ('issued', 'T1', '2026-09', null),"
            " ('silent', 'T1', '2026-11', null)) as t (plan_version, task_id, period, source_row_ids)"
        )
        sql = datasets([TASKS])["task_ledger"].sql
        found = connection.execute(
            f"select plan_version, task_id, period from ({sql}) where is_latest order by all"
        ).fetchall()
    assert found == [
        ("draft", "T1", "2026-10"),
        ("draft", "T2", "2026-10"),
        ("issued", "T1", "2026-08"),
        ("silent", "T1", "2026-11"),
    ]


# ── charts ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rows", "expected"),
    [("(1.5)", 1.5), ("(0)", 0), ("(null)", None), ("(1), (2)", None), ("(1), (null)", None)],
)
def test_a_figure_is_shown_for_one_row_and_never_summed(rows, expected):
    with duckdb.connect() as connection:
        sql = f"select {only_value('n')} from (values {rows}) as t (n)"
        assert connection.execute(sql).fetchone() == (expected,)


def test_a_chart_carries_its_query(dataset):
    made = charts.as_yaml(
        "clusters", CHART | {"where": {"area_level": "city", "stock": "not_null"}}, dataset, "a", "b"
    )
    [query] = json.loads(made["query_context"])["queries"]
    assert query["filters"] == [
        {"col": "area_level", "op": "==", "val": "city"},
        {"col": "stock", "op": "IS NOT NULL"},
    ]
    assert query["metrics"] == ["stock__value"]
    assert made["params"]["groupby"] == ["tier_zh"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"by": "tier_cn"}, "chart clusters: cluster_counts has no column tier_cn"),
        ({"where": {"county": "kuiwen"}}, "chart clusters: cluster_counts has no column county"),
        ({"metrics": ["stocks"]}, "chart clusters: cluster_counts has no metric stocks"),
        ({"metrics": ["tier"]}, "chart clusters: cluster_counts has no metric tier"),
        ({"kind": "map"}, "chart clusters: no such kind map; known are table, line, bar, pie"),
    ],
)
def test_a_chart_of_what_is_not_there_is_refused(dataset, change, message):
    with pytest.raises(LayoutError) as refused:
        charts.as_yaml("clusters", CHART | change, dataset, "a", "b")
    assert str(refused.value) == message
