"""The marts as they were known on an earlier day: built anew from landing, on demand, and kept until the inputs change
or others have been asked for since.

What was known on a day is what had been published by then and, since the house began, what it had fetched by then. Such marts
are an answer to a question, not a release: nobody's `current`, and no suite has judged them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from ingest.snapshots import Unread
from orchestration import dbt, marts, prepare, workers
from orchestration.night import Night
from orchestration.settings import Settings, project_version
from warehouse import release
from warehouse.home import NightLock
from warehouse.release import Candidate, Release

#: each has the size of a release
KEPT_ANSWERS = 30


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
    try:
        folder = _kept(_night(settings, day)) or _made(settings, day)
    except dbt.DbtFailed as error:
        raise AsOfError(f"--as-of {day}: {error}") from error
    finally:
        workers.stop_all()
    with suppress(OSError):  # who may only read the home may ask, too
        os.utime(folder)  # the answers that are asked for stay
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


def _night(settings: Settings, day: date) -> Night:
    return Night(replace(settings, today=day), workers.DBT, workers.SUITES, known_by=day)


def _kept(night: Night) -> Path | None:
    """The answer that was made before; None where there is none, or a document must first be parsed or judged.

    Asked without the lock, so that a night keeps nobody from an answer that is there, and no question delays a night.
    """
    night.store.read_only = True
    try:
        night.stand()
    except Unread:
        return None
    folder = _folder(night)
    return folder if folder.exists() else None


def _made(settings: Settings, day: date) -> Path:
    """The answer, made now. Reading and judging write to raw/ as a night does, so they hold the lock as a night does: it
    clears half-written files there, and removes what has been superseded.
    """
    with NightLock(settings.home):
        night = _night(settings, day)
        night.stand()
        folder = _folder(night)
        if not folder.exists():
            _build(night, folder)
    return folder


def _folder(night: Night) -> Path:
    assert night.known_by is not None  # as `_night` begins it
    return night.home.as_of / f"{night.known_by.isoformat()}-{_key(night)}"


def _build(night: Night, folder: Path) -> None:
    assert night.known_by is not None  # as `_night` begins it
    for leftover in folder.parent.glob(".*.partial"):  # of the dead: who builds holds the lock
        shutil.rmtree(leftover)
    partial = folder.with_name(f".{folder.name}.partial")
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
    by_last_use = sorted(folder.parent.glob("[0-9]*"), key=lambda answer: answer.stat().st_mtime)
    for older in by_last_use[:-KEPT_ANSWERS]:
        shutil.rmtree(older)


def _key(night: Night) -> str:
    """What decides the answer: the code, what stands, and the decisions of persons in force on the day."""
    parts = [
        project_version(),
        *(snapshot.name for standing in night.standings for snapshot in standing.snapshots),
        *map(repr, night.decisions),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
