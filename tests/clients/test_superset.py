"""A real Superset: the bundle imported, every chart computed from a release, and no way from it to files or to writing."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.clients.test_clients import environment_of
from warehouse.bi import bundle
from warehouse.home import Home
from warehouse.progress import STATUSES, plan_progress
from warehouse.release import open_release

pytestmark = pytest.mark.clients

BI = Path(bundle.__file__).parent
ENVIRONMENT = (
    "BLUE_LEDGER_TEST_SUPERSET"  # names a ready environment, so that repeated runs need not make one
)
LAYOUT = yaml.safe_load(bundle.LAYOUT.read_text(encoding="utf-8"))


def questions(folder: Path) -> dict[str, str]:
    """What a user with SQL Lab may try, by its name; `plain` is the one that is answered."""
    written = folder / "written"
    return {
        "plain": "select value from main.plan_progress where target_id = 'TG01' and period = '2024'",
        "read_text": "select * from read_text('/etc/passwd')",
        "read_csv": "select * from read_csv('/etc/passwd', header = false)",
        "a file as a table": "select * from '/etc/passwd'",
        "glob": "select * from glob('/etc/*')",
        "copy": f"copy (select 1 as n) to '{written}'",
        "attach": f"attach '{written}' as other",
        "set": "set enable_external_access = true",
        "pragma": "pragma enable_external_access = true",
        "create": "create table t as select 1 as n",
        "create in memory": "create temp table t as select 1 as n",
        "insert": "insert into main.data_gaps select * from main.data_gaps",
        "install": "install httpfs",
        "load": "load httpfs",
        "call": f"call enable_logging(storage := 'file', storage_path := '{written}')",
        "enable_logging": f"select * from enable_logging(storage := 'file', storage_path := '{written}')",
        "enable_logging, quoted": f"select * from \"enable_logging\"(storage := 'file', storage_path := '{written}')",
        "query": f"select * from query('from enable_' || 'logging(storage := ''file'', storage_path := ''{written}'')')",
        "query_table": "select * from query_table('plan_progress')",
        "a statement in json": "select * from json_execute_serialized_sql(json_serialize_sql('select 1'))",
        "a setting": "select current_setting('temp_directory')",
        "the environment": "select getenv('HOME')",
        "export": f"export database '{written}'",
        "two statements": f"select 1; copy (select 1 as n) to '{written}'",
    }


@pytest.fixture(scope="module")
def programs(tmp_path_factory) -> Path:
    """Superset's environment: the one that a variable names, else a new one of the pinned packages."""
    if ready := os.environ.get(ENVIRONMENT):
        return Path(ready) / "bin"
    return environment_of(BI / "superset-constraints.txt", tmp_path_factory.mktemp("superset") / "venv")


@pytest.fixture(scope="module")
def home(demo_home, tmp_path_factory) -> Home:
    """The release under a path with a space and Chinese in it."""
    root = tmp_path_factory.mktemp("superset") / "蓝账 home"
    root.mkdir()
    (root / "releases").symlink_to(demo_home.root / "releases")
    (root / "current").symlink_to(Path("releases") / demo_home.current.name)
    return Home(root)


@pytest.fixture(scope="module")
def release(home):
    return open_release(home.current.resolve())


@pytest.fixture(scope="module")
def answers(programs, home, release, tmp_path_factory):
    folder = tmp_path_factory.mktemp("probe")
    home.superset.mkdir()
    (home.superset / "secret_key").write_text("a key of the test that is long enough to be one")
    (folder / "bundle.zip").write_bytes(bundle.make(release, home))
    (folder / "questions.json").write_text(json.dumps(questions(folder)), encoding="utf-8")
    command = [programs / "python", Path(__file__).with_name("superset_probe.py"), BI / "superset_setup.py"]
    command += [folder / name for name in ("bundle.zip", "questions.json", "answers.json")]
    variables = {"BLUE_LEDGER_HOME": str(home.root), "SUPERSET_CONFIG_PATH": str(BI / "superset_config.py")}
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("SUPERSET", "PYTHONPATH"))
    }
    done = subprocess.run(command, env=env | variables, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    assert not (folder / "written").exists()
    return json.loads((folder / "answers.json").read_text(encoding="utf-8"))


@pytest.fixture
def rows(answers):
    return lambda chart: answers["charts"][LAYOUT["charts"][chart]["title"]]["rows"]


def test_the_second_import_replaces_and_does_not_double(answers, release):
    first, second = answers["imports"]
    assert (first["is_first"], second["is_first"]) == (True, False)
    assert answers["counts"] == {
        "database": 1,
        "dataset": first["datasets"],
        "chart": len(LAYOUT["charts"]),
        "dashboard": 1,
    }
    assert answers["dashboard"] == "蓝账驾驶舱"
    assert answers["on_dashboard"] == len(LAYOUT["charts"])


def test_every_chart_is_computed_and_has_rows(answers):
    assert set(answers["charts"]) == {chart["title"] for chart in LAYOUT["charts"].values()}
    failed = {name: told for name, told in answers["charts"].items() if told["error"] or not told.get("rows")}
    assert failed == {}


def test_the_targets_are_those_of_status(rows, release):
    told = {row["target_id"]: (row["period"], row["value"], row["status_zh"]) for row in rows("targets")}
    expected = {
        row.target_id: (row.period, row.value, STATUSES[row.status][0]) for row in plan_progress(release)
    }
    assert told == expected
    assert told["TG01"] == ("2024", 1703.42, "进度正常")


@pytest.mark.parametrize(
    ("chart", "columns", "sql"),
    [
        (
            "gop",
            ("year", "gop_100m_cny__value"),
            "select year, gop_100m_cny from marine_gdp_share where area_id = 'weifang' and gop_100m_cny is not null",
        ),
        (
            "share",
            ("year", "area_name_zh", "按总量计算", "公布数"),
            "select year, name_zh, share_pct, published_share_pct from marine_gdp_share inner join dim_area"
            " using (area_id) where area_level in ('nation', 'province', 'city')",
        ),
        (
            "coverage",
            ("area_name_zh", "data_origin_zh", "下界", "上界"),
            "select name_zh, case data_origin when 'demo' then '演示' else data_origin end, coverage_low_pct,"
            " coverage_high_pct from digital_coverage inner join dim_area"
            " using (area_id) where scope = 'all' and area_level in ('county', 'zone') and coverage_low_pct is not null"
            " qualify row_number() over (partition by area_id order by as_of desc) = 1",
        ),
        (
            "clusters_by_tier",
            ("year", "series_zh", "stock_exclusive__value"),
            "select year, case tier when 'municipal' then '市级' else '省级' end"
            " || case when data_origin = 'demo' then '(演示)' else '' end, stock_exclusive from cluster_counts"
            " where area_id = 'weifang'",
        ),
        (
            "ledger_history",
            ("period", "series_zh", "rows"),
            "select period, case rag when 'green' then '绿' when 'yellow' then '黄' when 'red' then '红' else '未报' end"
            " || case when data_origin = 'demo' then '(演示)' else '' end as colour, count(*) from task_ledger"
            " where plan_version = (select plan_version from meta.release) group by period, colour",
        ),
        (
            "checks",
            ("status_zh", "rows"),
            "select case status when 'passed' then '通过' when 'failed' then '未通过' end as word, count(*)"
            " from meta.checks where release_id = (select release_id from meta.release) group by word",
        ),
    ],
)
def test_a_chart_shows_what_the_release_says(rows, demo_home, chart, columns, sql):
    told = sorted((tuple(row[name] for name in columns) for row in rows(chart)), key=str)
    assert told == sorted(demo_home.rows(sql), key=str)


def test_a_figure_that_nobody_published_stays_empty(rows, demo_home):
    [(unknown,)] = demo_home.rows(
        "select count(*) from cluster_counts where area_id = 'weifang' and stock_exclusive is null"
    )
    assert sum(row["stock_exclusive__value"] is None for row in rows("clusters_by_tier")) == unknown


def test_a_plain_question_is_answered(answers):
    assert answers["sql_lab"]["plain"]["rows"] == [{"value": 1703.42}]


@pytest.mark.parametrize("name", [name for name in questions(Path()) if name != "plain"])
@pytest.mark.parametrize("way", ["sql_lab", "virtual"])
def test_nothing_else_is(answers, way, name):
    told = answers[way][name]
    assert told["code"] >= 400, told
    assert not told["rows"]
    assert "root:" not in told["said"]


def test_nobody_is_let_in_unknown_and_no_other_database(answers):
    assert answers["anonymous"] in (401, 403)
    assert answers["other_database"]["code"] == 422
    assert answers["database"] == {
        "allow_dml": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_file_upload": False,
    }


def test_the_pages_policy_names_no_outside_host(answers):
    assert "img-src 'self' data: blob:" in answers["policy"]
    assert "://" not in answers["policy"]
