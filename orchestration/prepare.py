"""What must be there before anything runs: dbt's manifest for this code, and Dagster's instance in the home."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration import dbt, workers
from warehouse.home import Home, night_holder

INSTANCE = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days: {skipped: 7, success: 90, failure: 90}
event_log_storage:
  module: orchestration.event_storage
  class: EventLogStorage
  config:
    base_dir: HISTORY
"""

DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
# a run is Dagster's from its start, the home's from when it holds the night: in between it imports, on a busy machine slowly
BEFORE_THE_LOCK = timedelta(minutes=10)


def manifest(home: Home) -> dict[str, Any]:
    """dbt's manifest, parsed anew only when the project has changed."""
    if not dbt.manifest_is_current():
        home.ensure()
        workers.DBT.submit(dbt.parse, home.build).result()
    return dbt.load_manifest()


def instance_folder(home: Home) -> str:
    """Dagster's own folder under the home, with its configuration: no telemetry, one run at a time.

    Its history decides no figure. One that is damaged is moved out of the way, and a new one begins.
    """
    home.ensure()
    if any(_is_damaged(home.dagster / name) for name in DATABASES):
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        home.dagster.rename(home.root / f"dagster.damaged.{stamp}")
        home.ensure()
    file = home.dagster / "dagster.yaml"
    wanted = instance_text(home)
    if not file.exists() or file.read_bytes() != wanted.encode():
        file.write_text(wanted, encoding="utf-8")
    return str(home.dagster)


def instance_text(home: Home) -> str:
    """dagster.yaml of a home."""
    return INSTANCE.replace("HISTORY", json.dumps(str(home.dagster / "history" / "runs"), ensure_ascii=False))


def damaged_histories(home: Home) -> list[str]:
    """Histories of Dagster that were moved out of the way, in words; told until somebody deletes them."""
    return [
        f"the history of runs was damaged and lies in {path.name} of the home; a new one was begun, delete the old"
        for path in sorted(home.root.glob("dagster.damaged.*"))
    ]


def end_dead_runs(home: Home, instance: Any) -> list[str]:
    """Say of runs that Dagster takes for alive, though no process holds the night, that they failed; return their ids.

    A killed process leaves such a one, and Dagster's queue, which runs one at a time, would wait for it for good.
    """
    import dagster as dg

    if night_holder(home):
        return []
    alive = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    )
    dead = [
        record
        for record in instance.get_run_records(alive)
        if datetime.now(UTC) - _began(record) > BEFORE_THE_LOCK
    ]
    for record in dead:
        instance.report_run_failed(record.dagster_run, "its process ended without a word; it was killed")
    return [record.dagster_run.run_id for record in dead]


def _began(record: Any) -> datetime:
    if record.start_time:
        return datetime.fromtimestamp(record.start_time, UTC)
    at: datetime = record.update_timestamp
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _is_damaged(database: Path) -> bool:
    """Whether a file is there that SQLite cannot read; one that is busy is in use."""
    if not database.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True, timeout=5)) as connection:
            return bool(connection.execute("pragma quick_check(1)").fetchone() != ("ok",))
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
