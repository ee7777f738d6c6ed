"""The Superset bundle on the full dictionary: a release of every mart without a row, as dbt's project declares them."""

from __future__ import annotations

import io
import json
import re
import zipfile

import duckdb
import pytest
import yaml

from warehouse import release as releases
from warehouse.bi import bundle
from warehouse.bi.charts import LayoutError, columns_of
from warehouse.bi.datasets import ADDITIVE, LATEST, ROWS, SERIES, datasets
from warehouse.bi.dictionary import RECORDS, tables
from warehouse.engine import connect_reader, quote_literal, write_frame
from warehouse.home import Home
from warehouse.release import Release

pytestmark = pytest.mark.slow

LAYOUT = yaml.safe_load(bundle.LAYOUT.read_text(encoding="utf-8"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
RELEASE = {"plan_version": "draft_2024-10-11", "plan_status": "draft", "banner_zh": "征求意见稿"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return Home(tmp_path_factory.mktemp("bi") / "home").ensure()


@pytest.fixture(scope="module")
def release(home):
    return _release(home, "20261123T021503Z")


def _release(home, release_id):
    """Every mart's columns and dictionary in a file of its own; without rows, for none is read."""
    from orchestration import marts, prepare

    specs = marts.specs(prepare.manifest(home))
    path = home.releases / release_id
    path.mkdir()
    dictionary = releases.column_dictionary(specs)
    with duckdb.connect(str(path / "marts.duckdb")) as connection:
        write_frame(connection.execute("create schema meta"), "meta.columns", dictionary)
        for name, (_, columns) in RECORDS.items():
            listed = ", ".join(
                f"{column} {'boolean' if column.startswith(('is_', 'includes_')) else 'varchar'}"
                for column in columns
            )
            connection.execute(f"create table meta.{name} ({listed})")
        row = RELEASE | {"release_id": release_id}
        connection.execute(
            f"insert into meta.release by name select {', '.join(f'? as {name}' for name in row)}",
            [*row.values()],
        )
        for spec in specs:
            columns = ", ".join(f'"{column.name}" {column.type}' for column in spec.columns)
            connection.execute(f'create table main."{spec.name}" ({columns})')
            comment = f"{spec.description_zh} | {spec.description_en}"
            connection.execute(f'comment on table main."{spec.name}" is {quote_literal(comment)}')
    return Release(path, release_id, {})


@pytest.fixture(scope="module")
def known(release):
    return datasets(tables(release))


@pytest.fixture(scope="module")
def files(release, home):
    with zipfile.ZipFile(io.BytesIO(bundle.make(release, home))) as archive:
        return {
            name.removeprefix(f"{bundle.FOLDER}/"): yaml.safe_load(archive.read(name))
            for name in archive.namelist()
        }


def test_the_same_dictionary_gives_the_same_bytes(release, home):
    another = _release(home, "20261124T021503Z")
    assert bundle.make(another, home) == bundle.make(release, home)


def test_ids_stay_what_they_are(files):
    """Charts that people made refer to them: another id would be another dataset."""
    assert files["databases/blue_ledger.yaml"]["uuid"] == "05aad938-f49e-5ed5-a7cd-af1dc974582e"
    assert files["datasets/blue_ledger/plan_progress.yaml"]["uuid"] == "062baae3-baf2-5812-8178-acf234250c4e"
    assert files["charts/targets.yaml"]["uuid"] == "37fee881-cb3d-5e2b-840d-4646fa0ba510"
    ids = [content["uuid"] for content in files.values() if "uuid" in content]
    assert len(ids) == len(set(ids)) == len(files) - 1


def test_every_table_is_a_dataset_whose_sql_gives_its_columns(release, known, files):
    with connect_reader(release.database) as connection:
        marts = [
            name for (name,) in connection.execute("select distinct table_name from meta.columns").fetchall()
        ]
        assert set(known) == {*marts, *RECORDS}
        for name, dataset in known.items():
            described = connection.execute(f"describe {dataset.sql}").fetchall()
            declared = files[f"datasets/blue_ledger/{name}.yaml"]["columns"]
            assert [column[0] for column in described] == [column["column_name"] for column in declared], name


def test_every_column_is_of_the_dictionary_and_described_in_chinese(release, known):
    with connect_reader(release.database) as connection:
        listed = connection.execute(
            "select table_name, column_name, description_zh from meta.columns"
        ).fetchall()
    said = {(table, column): text for table, column, text in listed}
    for name, dataset in known.items():
        for column in dataset.columns:
            assert CHINESE.search(column.label + column.description), (name, column.name)
            if (name, column.name) in said:
                assert column.description == said[name, column.name]
            elif name not in RECORDS and column.name not in ("is_latest", "is_followed"):
                assert column.description in said.values(), (name, column.name)
        assert len({column.label for column in dataset.columns}) == len(dataset.columns), name


def test_nothing_is_summed_but_rows_and_what_is_declared_additive(known):
    sums = set()
    for name, dataset in known.items():
        for metric in dataset.metrics:
            if metric.name == ROWS:
                continue
            if metric.expression.startswith("SUM("):
                sums.add((name, metric.name.removesuffix("_total")))
                continue
            assert metric.expression.startswith("CASE WHEN COUNT(*) = 1 THEN MAX("), metric
            assert dataset.column(metric.name) is None, metric  # see datasets.py
    assert sums == ADDITIVE
    assert [name for name in sums if name[1].endswith(("_pct", "_pp", "ratio"))] == []


def test_figures_are_printed_by_their_unit(files):
    metrics = {
        metric["metric_name"]: metric
        for metric in files["datasets/blue_ledger/marine_gdp_share.yaml"]["metrics"]
    }
    assert metrics["share_pct__value"]["d3format"] == ",.2f"
    assert metrics["growth_gap_pp__value"]["d3format"] == "+,.2f"
    assert metrics["gop_100m_cny__value"]["verbose_name"] == "海洋生产总值(亿元)"


def test_every_chart_is_on_the_dashboard_and_its_table_sorts_by_what_it_shows(files):
    position = files["dashboards/blue_ledger.yaml"]["position"]
    shown = {
        node["meta"]["uuid"]
        for node in position.values()
        if isinstance(node, dict) and node["type"] == "CHART"
    }
    assert shown == {files[f"charts/{name}.yaml"]["uuid"] for name in LAYOUT["charts"]}
    assert len(LAYOUT["charts"]) >= 14
    for node in position.values():
        if isinstance(node, dict) and node["type"] == "ROW":
            assert sum(position[child]["meta"]["width"] for child in node["children"]) == 12


def test_every_chart_with_demo_rows_in_it_shows_or_can_filter_their_origin(known):
    """What rests on demo data says so: the tables have the column, the filter reaches every other chart."""
    [origin] = [one for one in LAYOUT["filters"] if one["column"] == "data_origin_zh"]
    assert "tabs" not in origin
    for name, chart in LAYOUT["charts"].items():
        dataset = known[chart["table"]]
        if chart["table"] in ("release", "checks"):
            continue
        assert dataset.column("data_origin_zh") is not None, name
        assert chart["kind"] != "table" or "data_origin_zh" in columns_of(chart), name


# Rows for the charts that count, or that draw what may be demo data: of the plan version that the release follows and of one
# that it does not, demo beside real.
RULES = """
    select *, row_number() over () as subject_id from (values
        ('draft_2024-10-11', '甲', 'violation', 'demo'), ('draft_2024-10-11', '甲', 'violation', 'published'),
        ('draft_2024-10-11', '甲', 'violation', 'published'), ('draft_2024-10-11', '甲', 'pass', 'demo'),
        ('draft_2024-10-11', '乙', 'unknown', 'demo'), ('issued', '甲', 'violation', 'demo'),
        ('issued', '乙', 'unknown', 'published')
    ) as rows (plan_version, rule_name_zh, result, data_origin)
"""
TASKS = """
    select * from (values
        ('draft_2024-10-11', '发改委', 'T1', '2026-09', 'green', 'r1', 'demo'),
        ('draft_2024-10-11', '发改委', 'T1', '2026-10', 'red', 'r2', 'demo'),
        ('draft_2024-10-11', '工信局', 'T1', '2026-10', 'red', 'r3', 'submitted'),
        ('draft_2024-10-11', '工信局', 'T2', '2026-10', 'green', 'r4', 'submitted'),
        ('draft_2024-10-11', '发改委', 'T1', '2026-11', 'grey', null, 'demo'),
        ('issued', '发改委', 'T1', '2026-10', 'red', 'r2', 'demo'),
        ('issued', '发改委', 'T1', '2026-11', 'grey', null, 'demo')
    ) as rows (plan_version, body_name_zh, task_id, period, rag, source_row_ids, data_origin)
"""
ROWS_OF = {
    "dim_area": "select * from (values ('weifang', '潍坊市', 'city'), ('kuiwen', '奎文区', 'county'),"
    " ('gaomi', '高密市', 'county')) as rows (area_id, name_zh, area_level)",
    "cluster_compliance": RULES,
    "task_ledger": TASKS,
    "clause_coverage": "select * from (values ('draft_2024-10-11', 'C1', 'monitored'),"
    " ('draft_2024-10-11', 'C2', 'monitored'), ('issued', 'C1', 'monitored')) as rows (plan_version, clause_id, state)",
    "digital_coverage": "select * from (values ('kuiwen', 60.0, 80.0, 'demo'), ('gaomi', 55.0, 70.0, 'submitted'))"
    " as rows (area_id, coverage_low_pct, coverage_high_pct, data_origin)"
    " cross join (select 'all' as scope, date '2025-12-31' as as_of)",
    "cluster_counts": "select 'weifang' as area_id, 2025 as year, * from (values ('municipal', 4, 'demo'),"
    " ('provincial', 1, 'published')) as rows (tier, stock_exclusive, data_origin)",
    "green_titles": "select 'weifang' as area_id, 'all' as scope, 'all' as category, 2022 as year, * from (values"
    " ('municipal', 24, 'demo'), ('national', 19, 'published')) as rows (tier, entities, data_origin)",
}
DRAWN = {
    "rules": [("乙", "情况不明(演示)", 1), ("甲", "不符合", 2), ("甲", "不符合(演示)", 1)],
    "violations": [("甲", "公布"), ("甲", "公布"), ("甲", "演示")],
    "ledger": [("发改委", "红(演示)", 1), ("工信局", "红", 1), ("工信局", "绿", 1)],
    "ledger_history": [
        ("2026-09", "绿(演示)", 1),
        ("2026-10", "红", 1),
        ("2026-10", "红(演示)", 1),
        ("2026-10", "绿", 1),
        ("2026-11", "未报(演示)", 1),
    ],
    "overdue": [("2026-10", "发改委", "演示"), ("2026-10", "工信局", "报送")],
    "clauses": [("有数据监测", 2)],
    "coverage": [("奎文区", "演示", 60, 80), ("高密市", "报送", 55, 70)],
    "clusters_by_tier": [(2025, "市级(演示)", 4), (2025, "省级", 1)],
    "green_titles": [(2022, "国家级", 19), (2022, "市级(演示)", 24)],
}
SHOWN = {  # of the tables, which have more columns than a test wants
    "violations": ("rule_name_zh", "data_origin_zh"),
    "overdue": ("period", "body_name_zh", "data_origin_zh"),
}


@pytest.fixture(scope="module")
def filled(home):
    release = _release(home, "20261125T021503Z")
    with duckdb.connect(str(release.database)) as connection:
        for table, sql in ROWS_OF.items():
            connection.execute(f"insert into main.{table} by name {sql}")
    return release


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_counts_the_followed_plan_alone_and_names_what_is_demo(filled, files, name):
    """The query that Superset gets, as it asks it: the dataset's SQL, the chart's filters, groups and metrics."""
    [query] = json.loads(files[f"charts/{name}.yaml"]["query_context"])["queries"]
    dataset = files[f"datasets/blue_ledger/{LAYOUT['charts'][name]['table']}.yaml"]
    named = {metric["metric_name"]: metric["expression"] for metric in dataset["metrics"]}
    columns = [one if isinstance(one, str) else one["sqlExpression"] for one in query["columns"]]
    metrics = [
        named[one] if isinstance(one, str) else one["sqlExpression"] for one in query.get("metrics", ())
    ]
    where = " and ".join(_condition(**one) for one in query["filters"]) or "true"
    grouped = "group by all" if metrics else ""
    with connect_reader(filled.database) as connection:
        found = connection.execute(
            f"select {', '.join([*SHOWN.get(name, columns), *metrics])} from ({dataset['sql']}) where {where}"
            f" {grouped} order by all"
        ).fetchall()
    assert found == sorted(DRAWN[name])


def _condition(col, op, val=None):
    if op == "==":
        return f"{col} = {quote_literal(val)}"
    if op == "IN":
        return f"{col} in ({', '.join(map(quote_literal, val))})"
    return f"{col} {op}"


def test_every_chart_of_a_table_with_plan_versions_takes_the_followed_one(known):
    """The targets' `is_latest` is of that version alone."""
    versioned = {
        name for name, chart in LAYOUT["charts"].items() if known[chart["table"]].column("is_followed")
    }
    filtered = {name for name, chart in LAYOUT["charts"].items() if chart.get("where", {}).get("is_followed")}
    assert versioned == filtered | {"targets"}
    assert filtered == {"rules", "violations", "ledger", "ledger_history", "overdue", "clauses"}


def test_every_bar_of_a_table_that_may_hold_demo_rows_is_told_by_its_series(known):
    """The gross product, what is missing and the clauses are of published data alone, and the checks are of no data."""
    by = {
        name: chart.get("by")
        for name, chart in LAYOUT["charts"].items()
        if chart["kind"] in ("bar", "pie") and name not in ("gop", "gaps", "clauses", "checks")
    }
    assert by == {
        "coverage": "data_origin_zh",
        "clusters_by_tier": "series_zh",
        "green_titles": "series_zh",
        "rules": "series_zh",
        "ledger": "series_zh",
        "ledger_history": "series_zh",
    }
    assert {name for name, dataset in known.items() if dataset.column("series_zh")} == set(SERIES)


def test_a_word_has_a_paler_colour_where_it_is_of_demo_data(files):
    colours = files["dashboards/blue_ledger.yaml"]["metadata"]["label_colors"]
    assert (colours["红"], colours["红(演示)"]) == ("#D55E00", "#EAAE7F")
    assert (
        len(set(LAYOUT["colours"].values()) & {colours[f"{word}(演示)"] for word in LAYOUT["colours"]}) == 0
    )


def test_the_connection_can_only_read_the_release(files, release, tmp_path):
    database = files["databases/blue_ledger.yaml"]
    for right in ("allow_dml", "allow_ctas", "allow_cvas", "allow_file_upload", "allow_run_async"):
        assert database[right] is False
    arguments = database["extra"]["engine_params"]["connect_args"]
    with duckdb.connect(str(release.database), **arguments) as connection:
        for sql in (
            "select * from read_text('/etc/passwd')",
            "set enable_external_access = true",
            "install httpfs",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)
        with pytest.raises(duckdb.Error):
            connection.execute(f"copy (select 1 as n) to '{tmp_path / 'written'}'")


def test_superset_lays_the_same_locks_on_every_connection():
    """superset_config.py cannot import ours: it is read in another environment."""
    text = bundle.LAYOUT.with_name("superset_config.py").read_text(encoding="utf-8")
    said = dict(re.findall(r'"(\w+)": "(\w*)",', text.partition("_LOCKED = {")[2].partition("}")[0]))
    assert said == bundle.CONNECT_ARGS["config"]


def test_a_portable_bundle_names_no_place_and_no_secret(release, home):
    with zipfile.ZipFile(io.BytesIO(bundle.make(release))) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert bundle.PLACEHOLDER in text
    assert str(home.root) not in text
    assert not re.search(r"secret|password|token", text, re.IGNORECASE)


def test_a_home_with_a_space_and_chinese_in_its_path_is_written_as_it_is(release, tmp_path):
    made = bundle.entries(release, Home(tmp_path / "蓝账 home"), LAYOUT)["databases/blue_ledger.yaml"]
    assert made["sqlalchemy_uri"] == f"duckdb:///{tmp_path}/蓝账 home/current/marts.duckdb"


def test_the_banner_is_gone_once_the_plan_is_issued(files):
    header = files["dashboards/blue_ledger.yaml"]["position"]["MARKDOWN-header"]["meta"]["code"]
    assert header.startswith("# 蓝账驾驶舱 【方案为征求意见稿】")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"top": "news"}, "the dashboard asks for a chart news that layout.yml does not declare"),
        (
            {"filters": [{"name": "县", "table": "dim_area", "column": "county"}]},
            "filter 县: dim_area has no column county",
        ),
        (
            {"filters": [{"name": "县", "table": "dim_county", "column": "x"}]},
            "filter 县: the release has no table dim_county",
        ),
    ],
)
def test_a_layout_of_what_is_not_there_is_refused(release, change, message):
    with pytest.raises(LayoutError) as refused:
        bundle.entries(release, None, LAYOUT | change)
    assert str(refused.value) == message


def test_what_is_latest_is_said_of_tables_that_exist(known):
    assert set(LATEST) <= set(known)
