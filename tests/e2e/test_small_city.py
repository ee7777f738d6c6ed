"""Whole nights on other folders: a city that is nowhere, with its own catalogue, and the plan with a second version."""

from __future__ import annotations

import pytest

from orchestration.settings import DBT_PROJECT
from tests.cities import FIRST, PLAN, SECOND, add_second_version, copy_of_bundled, write_small_city
from tests.conftest import TIMEOUT_S, Done, NightHome

pytestmark = pytest.mark.slow

CATALOGUE = """\
sources:
  - id: inbox_figures
    title_zh: 报送的指标数据
    title_en: Figures handed in through the inbox
    publisher_zh: 蓝湾市海洋局
    dataset: indicator_figures
    connector: inbox
    location: "*figures*"
    layout: figures_table
    cadence: irregular
    licence: 内部报送
    tier: O
    data_origin: submitted
    owner_department: D01
    accumulates: true
"""
FIGURES = """\
地区,指标,时期,数值,单位,增速(%),增速口径,版次,标题,网址,发布日期,来源级别,采用,不采用原因,备注
蓝湾市,海洋生产总值,2023,400,亿元,,,年鉴,蓝湾统计年鉴,,2024-10-01,O,是,,
蓝湾市,海洋生产总值,2024,440,亿元,,,年鉴,蓝湾统计年鉴,,2025-10-01,O,是,,
蓝湾市,地区生产总值,2024,4000,亿元,,,年鉴,蓝湾统计年鉴,,2025-10-01,O,是,,
港北区,地区生产总值,2024,1500,亿元,,,年鉴,蓝湾统计年鉴,,2025-10-01,O,是,,
蓝湾市,规模以上工业企业数字化转型覆盖率,2025,80,%,,,年鉴,蓝湾统计年鉴,,2026-02-01,O,是,,
"""
TABLES = "select table_name from duckdb_tables() where database_name = 'marts' and schema_name = 'main'"


@pytest.fixture(scope="module")
def lanwan(tmp_path_factory, start_blue_ledger) -> NightHome:
    """蓝湾市 after a night on its own folder, catalogue and one CSV in the inbox."""
    base = tmp_path_factory.mktemp("lanwan")
    city = write_small_city(base / "city")
    (base / "sources.yml").write_text(CATALOGUE, encoding="utf-8")
    inbox = base / "home" / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "figures.csv").write_text(FIGURES, encoding="utf-8")
    return _night(base, start_blue_ledger, city, "--sources", base / "sources.yml")


def _night(base, start_blue_ledger, city, *arguments) -> NightHome:
    variables = {"BLUE_LEDGER_CITY": str(city)}
    with start_blue_ledger(
        "nightly", "--no-demo", *arguments, home=base / "home", variables=variables
    ) as process:
        out, err = process.communicate(timeout=TIMEOUT_S)
    night = Done(process.returncode, out, err)
    assert night.code == 0, f"{out}\n{err}"
    return NightHome(base / "home", night)


def test_a_release_speaks_of_the_city_in_use_alone(lanwan):
    for (table,) in lanwan.rows(TABLES):
        rows = lanwan.rows(f"select * from {table}")
        if table in ("dim_industry", "dim_indicator"):
            continue
        assert not [row for row in rows if "潍坊" in str(row) or "weifang" in str(row)], table


def test_the_small_citys_areas_and_plan_are_what_the_release_holds(lanwan):
    assert lanwan.rows("select area_id from dim_area order by display_order") == [
        ("china",), ("donghai",), ("lanwan",), ("gangbei",), ("gangnan",)
    ]  # fmt: skip
    counts = {
        table: lanwan.rows(f"select count(*), min(plan_version), max(plan_version) from {table}")[0]
        for table in ("plan_targets", "plan_rules", "plan_tasks", "dim_target", "dim_department")
    }
    assert counts == {
        "plan_targets": (3, PLAN, PLAN),
        "plan_rules": (2, PLAN, PLAN),
        "plan_tasks": (2, PLAN, PLAN),
        "dim_target": (3, PLAN, PLAN),
        "dim_department": (2, PLAN, PLAN),
    }


def test_the_small_citys_figures_give_its_share_and_its_progress(lanwan):
    share = "select share_pct, data_origin from marine_gdp_share where area_id = 'lanwan' and year = 2024"
    assert lanwan.rows(share) == [(11.0, "submitted")]
    found = lanwan.rows(
        "select target_id, period, value, target_value from plan_progress where value is not null"
    )
    assert ("TG01", "2024", 440.0, 500.0) in found
    assert ("TG06", "2025", 80.0, 90.0) in found


def test_a_night_with_two_versions_publishes_both_side_by_side(tmp_path, start_blue_ledger):
    city = copy_of_bundled(tmp_path / "city")
    add_second_version(city)
    home = _night(tmp_path, start_blue_ledger, city)
    asked = "select plan_version, target_value from plan_targets where target_id = 'TG01' order by 1"
    assert home.rows(asked) == [(FIRST, 2000.0), (SECOND, 2100.0)]
    assert home.rows("select plan_version, count(*) from plan_rules group by 1 order by 1") == [
        (FIRST, 32),
        (SECOND, 31),
    ]
    assert home.rows("select plan_version, count(*) from plan_tasks group by 1 order by 1") == [
        (FIRST, 18),
        (SECOND, 19),
    ]


def test_a_night_writes_nothing_into_the_citys_folder_nor_beside_dbts_target(lanwan, tmp_path):
    made = write_small_city(tmp_path / "city")
    used = lanwan.root.parent / "city"
    assert {path.relative_to(used): path.read_bytes() for path in used.rglob("*.csv")} == {
        path.relative_to(made): path.read_bytes() for path in made.rglob("*.csv")
    }
    assert {path.name for path in DBT_PROJECT.iterdir() if path.is_dir()} <= {
        "macros", "models", "seeds", "target", "logs"
    }  # fmt: skip
