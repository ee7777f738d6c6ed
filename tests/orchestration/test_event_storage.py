"""Dagster's event log with connections kept: the files are Dagster's own, and no more of them are open than allowed."""

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration import event_storage, prepare
from orchestration.event_storage import EventLogStorage
from warehouse.home import Home

pytestmark = pytest.mark.slow


@dg.asset
def figure() -> None: ...


@pytest.fixture
def run_once(tmp_path, monkeypatch):
    """Materialise one asset on the home's own instance; returns the instance and the run's id."""
    home = Home(tmp_path / "蓝账 home")
    monkeypatch.setenv("DAGSTER_HOME", prepare.instance_folder(home))
    instance = dg.DagsterInstance.get()

    def run() -> str:
        return dg.materialize([figure], instance=instance).run_id

    yield instance, run
    instance.dispose()


def test_the_homes_instance_keeps_its_connections_and_dagster_reads_what_was_logged(run_once):
    instance, run = run_once
    run_id = run()

    assert type(instance.event_log_storage) is EventLogStorage
    theirs = SqliteEventLogStorage(instance.event_log_storage._base_dir)
    logged = [
        record.event_log_entry.dagster_event_type for record in theirs.get_records_for_run(run_id).records
    ]
    assert logged.count(dg.DagsterEventType.ASSET_MATERIALIZATION) == 1
    assert logged[-1] == dg.DagsterEventType.RUN_SUCCESS
    assert theirs.get_latest_materialization_events([figure.key])[figure.key].run_id == run_id


def test_databases_of_old_runs_are_closed_when_many_were_read(run_once, monkeypatch):
    monkeypatch.setattr(event_storage, "MOST_OPEN", 2)
    instance, run = run_once
    ids = [run() for _ in range(3)]
    counts = [len(instance.all_logs(run_id)) for run_id in ids]
    assert len(set(counts)) == 1 and counts[0] > 5
    assert len(instance.event_log_storage._engines) == 2
