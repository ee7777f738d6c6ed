"""Words, numbers and refusals of the Superset bundle; the whole of it is tested on the full dictionary in test_bi_bundle."""

import json

import duckdb
import pytest

from warehouse.bi import charts
from warehouse.bi.charts import LayoutError
from warehouse.bi.datasets import datasets, only_value
from warehouse.bi.dictionary import Column, Table, codes_in, label_in

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
            " ('nowhere', 'national', 2026, null)) as t (area_id, tier, year, stock)"
        )
        found = connection.execute(f"select * from ({dataset.sql}) order by area_id")
        assert [column[0] for column in found.description] == [column.name for column in dataset.columns]
        assert found.fetchall() == [
            ("kuiwen", "municipal", 2026, 1, "市级", "奎文区", "county"),
            (
                "nowhere",
                "national",
                2026,
                None,
                "national",
                None,
                None,
            ),  # no word: the code itself, never a guess
        ]


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
