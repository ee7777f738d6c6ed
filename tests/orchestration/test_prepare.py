"""Dagster's history in the home: it decides no figure, and nothing in it may stop a night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from orchestration import prepare
from warehouse.home import NightLock

pytestmark = pytest.mark.slow


@pytest.fixture
def instance(home):
    with dg.DagsterInstance.from_config(prepare.instance_folder(home)) as instance:
        yield instance


@pytest.fixture
def killed_run(instance):
    """A run that Dagster takes for alive, as a killed process leaves it."""
    run = dg.DagsterRun(job_name="nightly", status=dg.DagsterRunStatus.STARTED)
    instance.add_run(run)
    return run


def status(instance, run) -> dg.DagsterRunStatus:
    return instance.get_run_by_id(run.run_id).status


@pytest.fixture
def hours_later(monkeypatch):
    monkeypatch.setattr(prepare, "BEFORE_THE_LOCK", -timedelta(hours=1))


def test_a_run_whose_process_was_killed_is_marked_as_failed(home, instance, killed_run, hours_later):
    assert prepare.end_dead_runs(home, instance) == [killed_run.run_id]
    assert status(instance, killed_run) is dg.DagsterRunStatus.FAILURE
    assert prepare.end_dead_runs(home, instance) == []


def test_a_run_that_holds_the_night_is_alive(home, instance, killed_run, hours_later):
    with NightLock(home):
        assert prepare.end_dead_runs(home, instance) == []
    assert status(instance, killed_run) is dg.DagsterRunStatus.STARTED


def test_a_run_that_has_just_been_started_may_not_hold_the_night_yet(home, instance, killed_run):
    assert prepare.end_dead_runs(home, instance) == []
    assert status(instance, killed_run) is dg.DagsterRunStatus.STARTED


def test_a_damaged_history_is_moved_away_and_told_and_a_new_one_begins(home, instance, killed_run):
    database = home.dagster / "history" / "runs.db"
    database.write_bytes(b"\x00garbage" * 4_000)
    for log in database.parent.glob("runs.db-*"):
        log.unlink()
    assert prepare.instance_folder(home) == str(home.dagster)
    [aside] = home.root.glob("dagster.damaged.*")
    assert aside.name[16:24] == datetime.now(UTC).strftime("%Y%m%d")
    assert (aside / "history" / "runs.db").read_bytes()[:8] == b"\x00garbage"
    with dg.DagsterInstance.from_config(str(home.dagster)) as anew:
        assert anew.get_runs() == []
    [told] = prepare.damaged_histories(home)
    assert aside.name in told


def test_a_whole_history_stays_also_while_it_is_in_use(home, instance, killed_run):
    prepare.instance_folder(home)
    assert status(instance, killed_run) is dg.DagsterRunStatus.STARTED
    assert prepare.damaged_histories(home) == []


def test_a_damaged_configuration_is_written_anew(home):
    (home.dagster / "dagster.yaml").write_bytes(b"\xff\xfe\x00")
    prepare.instance_folder(home)
    assert (home.dagster / "dagster.yaml").read_text(encoding="utf-8") == prepare.instance_text(home)
