"""A release built once more from landing, to prove that its figures follow from what was received and from nothing else.

Nothing is fetched, and nothing of the home is written: documents are read from landing and parsed anew in a folder of its
own. What the release rests on (documents, day, demo, decisions) is what its manifest says.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from ingest.catalogue import Source
from ingest.landing import write_json
from ingest.linkage.decisions import Decision
from ingest.snapshots import Snapshot
from ingest.standing import Standing
from orchestration import as_of, dbt, workers
from orchestration.night import Night
from orchestration.settings import Settings
from warehouse import backup, release
from warehouse.home import Home
from warehouse.release import Release, ReleaseError

#: what the manifest says of how the figures were made, beside the documents; told where it is not so here
CONDITIONS = {
    "code_version": "code",
    "engine": "engine",
    "plan_version": "plan version",
    "catalogue_version": "catalogue",
}


#: held while a rebuild works, and gone with its end
_LOCK = ".lock"


class RebuildError(ReleaseError):
    """The release cannot be built from what landing holds; the message names every document and what is the matter."""


@dataclass(frozen=True)
class Workshop(Home):
    """A home for one rebuild: landing and decisions are those of another home, which is read and never written."""

    inputs: Home

    @property
    def landing(self) -> Path:
        return self.inputs.landing

    @property
    def decisions(self) -> Path:
        return self.inputs.decisions


State = Literal["identical", "differs", "missing", "new"]


@dataclass(frozen=True)
class MartLine:
    """A mart of the release beside the same mart built anew; rows and hash are None on the side that lacks it."""

    mart: str
    state: State
    rows_sealed: int | None
    rows: int | None
    hash_sealed: str | None
    hash: str | None


@dataclass(frozen=True)
class Rebuild:
    """A finished rebuild. other: conditions that are not those of the release, such as the code, in words."""

    release_id: str
    folder: Path
    lines: tuple[MartLine, ...]
    other: tuple[str, ...]

    @property
    def is_identical(self) -> bool:
        return all(line.state == "identical" for line in self.lines)


def sealed(home: Home, release_id: str | None) -> Release:
    """The release to be built again, with its manifest: the one named, else the current one.

    Of a release that was not restored from a backup, its manifest is enough.

    Raises:
        RebuildError: there is none of this name, or none at all.
    """
    if release_id is None and (current := release.current_release(home)):
        return current
    kept = backup.kept_manifests(home) | {one.id: one for one in release.list_releases(home)}
    if release_id is None and kept:
        release_id = max(kept)
    if release_id not in kept:
        known = ", ".join(sorted(kept)) or "none"
        raise RebuildError(
            f"{home.root} has no release {release_id or 'to compare with'}; there are: {known}"
        )
    return kept[release_id]


def rebuild(
    settings: Settings,
    target: Release,
    into: Path | None = None,
    on_stage: Callable[[str, str, float | None], None] = lambda name, text, seconds: None,
) -> Rebuild:
    """Build the marts of a release from landing and compare their rows with its manifest.

    into: a folder that does not exist or is empty, where the marts stay (`marts.duckdb`, `parquet/`, `rebuild.json`); without
    it, a folder for the time of the rebuild, which stays only where a mart differs.

    Raises:
        RebuildError: a document of the release is not in landing, is damaged or cannot be read, or a model failed.
    """
    folder = _fresh(settings.home, target, into)
    lock = FileLock(folder / _LOCK)
    lock.acquire()
    work = Workshop(folder / ".work", settings.home)
    try:
        night = Night(
            _as_it_was(settings, work, target.manifest), workers.DBT, workers.SUITES, on_stage=on_stage
        )
        night.decisions = _decisions_then(night.decisions, target.manifest)
        night.standings = _standings(night, target.manifest["inputs"])
        # its rows are compared with rows that passed every test
        candidate = as_of.build_marts(night, f"rebuild of {target.id}", folder, with_tests=False)
        found = release.contents(candidate)
        done = Rebuild(
            target.id,
            folder,
            tuple(_lines(target.manifest["marts"], found)),
            tuple(_other_conditions(night, target.manifest)),
        )
    except dbt.DbtFailed as error:
        raise RebuildError(f"the models could not be built: {error}") from error
    finally:
        workers.stop_all()
        shutil.rmtree(work.root, ignore_errors=True)
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()
        if not any(folder.iterdir()):
            folder.rmdir()
    write_json(folder / "rebuild.json", {"of": target.id, "marts": found, "other_conditions": done.other})
    if into is None and done.is_identical:
        shutil.rmtree(folder)
    return done


def _fresh(home: Home, target: Release, into: Path | None) -> Path:
    if into is None:
        home.build.mkdir(parents=True, exist_ok=True)
        _clear_unfinished(home.build)
        return Path(tempfile.mkdtemp(prefix=f"rebuild-{target.id}-", dir=home.build))
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise RebuildError(f"--into {into}: expected a folder that is new or empty")
    into.mkdir(parents=True, exist_ok=True)
    return into


def _clear_unfinished(build: Path) -> None:
    """Remove what rebuilds left that were killed: they hold their lock no longer, and their folder has the size of a home."""
    for lock in build.glob(f"rebuild-*/{_LOCK}"):
        with suppress(Timeout), FileLock(lock, timeout=0):
            shutil.rmtree(lock.parent)


def _as_it_was(settings: Settings, work: Workshop, manifest: Mapping[str, Any]) -> Settings:
    day = date.fromisoformat(manifest["as_of_date"])
    return replace(settings, home=work, today=day, demo=manifest["demo"], only=())


def _decisions_then(decisions: Sequence[Decision], manifest: Mapping[str, Any]) -> list[Decision]:
    """The decisions that the release knew. A manifest that does not count them is of before; then its hour says it."""
    if "decisions" in manifest:
        if len(decisions) < manifest["decisions"]:
            raise RebuildError(
                f"the release knew {manifest['decisions']} decisions about names and decisions/links.csv has"
                f" {len(decisions)}; bring the file back from a backup"
            )
        return list(decisions[: manifest["decisions"]])
    built_at = datetime.fromisoformat(manifest["built_at"]).replace(tzinfo=None)
    return [one for one in decisions if one.decided_at.replace(tzinfo=None) <= built_at]


def _standings(night: Night, inputs: Sequence[Mapping[str, str]]) -> list[Standing]:
    """Where the release stood: each source on the documents that the manifest names, parsed from landing."""
    faults = [
        f"{id_}: the catalogue has no such source; name the catalogue of then with --sources"
        for id_ in sorted({one["source"] for one in inputs} - {source.id for source in night.sources})
    ]
    standings = []
    for source in night.sources:
        snapshots = []
        for wanted in (one for one in inputs if one["source"] == source.id):
            snapshot = _parsed(night, source, wanted)
            if isinstance(snapshot, str):
                faults.append(snapshot)
            else:
                snapshots.append(snapshot)
        standings.append(Standing(source, "fresh" if snapshots else "empty", tuple(snapshots), None, None))
    if faults:
        told = "\n".join(f"  {fault}" for fault in faults)
        raise RebuildError(
            f"{len(faults)} of {len(inputs)} documents of the release cannot be used:\n{told}\n"
            "Bring landing back from a backup."
        )
    return standings


def _parsed(night: Night, source: Source, wanted: Mapping[str, str]) -> Snapshot | str:
    """The snapshot of a document that the manifest names, or why there is none, in words."""
    about = f"{source.id}: {wanted['document']} ({wanted['sha256'][:12]}, retrieved {wanted['retrieved_at']})"
    for receipt in night.landing.receipts(source.id):
        if (receipt.sha256, receipt.retrieved_at, receipt.name) == (
            wanted["sha256"],
            wanted["retrieved_at"],
            wanted["document"],
        ):
            snapshot = night.store.take(source, receipt)
            return f"{about}: {snapshot.fault}" if snapshot.fault else snapshot
    return f"{about}: landing/{source.id}/ holds no receipt of it"


def _lines(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[MartLine]:
    state: State
    for mart in sorted(was.keys() | now.keys()):
        a, b = was.get(mart, {}), now.get(mart, {})
        state = "identical" if a == b else "missing" if not b else "new" if not a else "differs"
        yield MartLine(mart, state, a.get("rows"), b.get("rows"), a.get("row_hash"), b.get("row_hash"))


def _other_conditions(night: Night, manifest: Mapping[str, Any]) -> Iterator[str]:
    here = night.rests_on()
    for name, words in CONDITIONS.items():
        if name in manifest and manifest[name] != here[name]:
            yield f"{words}: the release has {manifest[name]}, here is {here[name]}"


def summary(done: Rebuild) -> str:
    """One line: what was found, and what to do where something differs."""
    same = sum(line.state == "identical" for line in done.lines)
    if done.is_identical:
        return f"{same} marts identical with {done.release_id}, row by row"
    told = f"{len(done.lines) - same} of {len(done.lines)} marts differ from {done.release_id}"
    if done.other:
        return f"{told}; they may, because the conditions differ: {'; '.join(done.other)}. Built anew: {done.folder}"
    return (
        f"{told} although code, catalogue and plan are the same: one of the two is wrong;"
        f" `blue-ledger doctor --deep` says whether the files are whole. Built anew: {done.folder}"
    )


def as_json(done: Rebuild) -> str:
    """The result for other programmes."""
    return json.dumps(
        {
            "release": done.release_id,
            "identical": done.is_identical,
            "other_conditions": done.other,
            "folder": str(done.folder) if done.folder.exists() else None,
            "marts": [vars(line) for line in done.lines],
        },
        ensure_ascii=False,
        indent=1,
    )
