"""The graph as Dagster sees it: everything is in it, and lineage is joined from the sources' locations to the release."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.datasets import DATASETS
from orchestration.settings import PROJECT, Settings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def definitions(tmp_path_factory):
    from orchestration.definitions import build_definitions
    from warehouse.home import Home

    return build_definitions(Settings.from_environment(home=Home(tmp_path_factory.mktemp("home"))))


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def upstream(graph, key) -> set:
    found, waiting = set(), [key]
    while waiting:
        for parent in graph.get(waiting.pop()).parent_keys:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def test_every_source_and_every_raw_table_lies_upstream_of_the_release(graph):
    from orchestration.assets.keys import RELEASE, raw_key, source_key

    above = upstream(graph, RELEASE)
    sources = {source_key(source.id) for source in Settings.from_environment().catalogue().sources}
    assert sources - above == set()
    assert {raw_key(name) for name in DATASETS} - above == set()


def test_every_raw_table_and_every_mart_carries_its_suite_as_a_check(graph):
    from orchestration.assets.keys import raw_key

    checked = {key.asset_key for key in graph.asset_check_keys if key.name == "expectations"}
    assert {raw_key(name) for name in DATASETS} <= checked
    marts = {key for key in graph.get_all_asset_keys() if key.path[0] == "marts"}
    assert len(marts) == 30
    assert marts <= checked


def test_the_nightly_runs_at_two_in_the_city_and_one_run_at_a_time(definitions):
    schedule = definitions.resolve_schedule_def("every_night")
    assert (schedule.cron_schedule, schedule.execution_timezone, schedule.job_name) == (
        "0 2 * * *",
        "Asia/Shanghai",
        "nightly",
    )
    from orchestration.prepare import INSTANCE

    assert "max_concurrent_runs: 1" in INSTANCE
    assert definitions.resolve_job_def("nightly").executor_def.name == "in_process"


def test_a_file_in_the_inbox_starts_a_night_once_it_has_settled(definitions, tmp_path, monkeypatch):
    import dagster as dg

    from orchestration.jobs import inbox

    monkeypatch.setenv("BLUE_LEDGER_HOME", str(tmp_path))
    (tmp_path / "inbox").mkdir()
    cursor = None

    def look():
        nonlocal cursor
        context = dg.build_sensor_context(cursor=cursor)
        answer = inbox(context)
        cursor = context.cursor
        return type(answer).__name__

    assert look() == "SkipReason"
    (tmp_path / "inbox" / "figures.csv").write_text("地区\n", encoding="utf-8")
    assert [look(), look(), look()] == ["SkipReason", "RunRequest", "SkipReason"]
    (tmp_path / "inbox" / os.fsdecode("指标.csv".encode("gbk"))).write_text("地区\n", encoding="utf-8")
    assert [look(), look(), look()] == ["SkipReason", "RunRequest", "SkipReason"]


def test_dagster_itself_finds_the_code_location_valid(tmp_path):
    command = [str(Path(sys.executable).parent / "dagster"), "definitions", "validate"]
    env = os.environ | {"BLUE_LEDGER_HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "yes"}
    done = subprocess.run(
        [*command, "-m", "orchestration.definitions"], cwd=PROJECT, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Validation successful for code location orchestration.definitions" in done.stdout + done.stderr
