"""The marts as they were known on an earlier day: built anew from landing, on demand, and kept until the inputs change.

What was known on a day is what had been published by then and, since the house began, what it had fetched by then. Such marts
are an answer to a question, not a release: nobody's `current`, and no suite has judged them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from orchestration import dbt, marts, prepare, workers
from orchestration.night import Night
from orchestration.settings import Settings, project_version
from warehouse import release
from warehouse.home import NightLock
from warehouse.release import Candidate, Release


class AsOfError(Exception):
    """The day asked about cannot be answered; the message says why."""


def known_on(settings: Settings, day: date) -> Release:
    """The marts with what was known on a day; `settings` say whose home, which catalogue and whether with demo.

    Raises:
        AsOfError: the day lies ahead, or its models could not be built.
        HomeBusy: a night is running.
    """
    if day > settings.today:
        raise AsOfError(f"--as-of {day}: the day lies ahead; today is {settings.today}")
    night = Night(replace(settings, today=day), workers.DBT, workers.SUITES, known_by=day)
    try:
        night.stand()
        folder = settings.home.as_of / f"{day.isoformat()}-{_key(night)}"
        if not folder.exists():
            with NightLock(settings.home):
                _build(night, folder)
    except dbt.DbtFailed as error:
        raise AsOfError(f"--as-of {day}: {error}") from error
    finally:
        workers.stop_all()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return Release(folder, manifest["id"], manifest)


def build_marts(night: Night, id_: str, folder: Path, with_tests: bool = True) -> Candidate:
    """The marts of where a night stands, in a new folder: built and copied as for a release, judged by no suite.

    Raises:
        DbtFailed: a model could not be built.
    """
    specs = marts.specs(prepare.manifest(night.home))
    night.build_folder.mkdir(parents=True, exist_ok=True)
    night.transform(with_tests)
    (folder / "parquet").mkdir(parents=True)
    candidate = Candidate(night.home, id_, folder)
    release.copy_marts(candidate, night.build_file, specs)
    return candidate


def _build(night: Night, folder: Path) -> None:
    assert night.known_by is not None  # as `known_on` begins it
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    candidate = build_marts(night, f"as-of-{night.known_by.isoformat()}", partial)
    status, status_zh = marts.plan_status(night.plan_version)
    head = {
        "id": candidate.id,
        "as_of_date": night.known_by.isoformat(),
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "code_version": project_version(),
        "plan_version": night.plan_version,
        "plan_status": status,
        "banner_zh": status_zh,
    }
    release.write_meta(candidate, {"release": pl.DataFrame([head]), **night.origins()})
    (partial / "manifest.json").write_text(json.dumps(head, ensure_ascii=False, indent=1), encoding="utf-8")
    for older in folder.parent.glob(f"{night.known_by.isoformat()}-*"):
        shutil.rmtree(older)
    partial.rename(folder)
    night.build_file.unlink()


def _key(night: Night) -> str:
    """What decides the answer: the code, what stands, and the decisions of persons in force on the day."""
    parts = [
        project_version(),
        *(snapshot.name for standing in night.standings for snapshot in standing.snapshots),
        *map(repr, night.decisions),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
