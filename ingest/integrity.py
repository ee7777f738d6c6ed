"""Whether what is kept is what was received and read: landing against its hashes, raw and quarantine against landing.

Looks only. Every fault is one sentence that says what to do; what a night that died may leave behind is no fault.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ingest import quarantine as store
from ingest.landing import LAST, Receipt, file_hash
from ingest.snapshots import Snapshot

_BACKUP = "bring the file back from a backup"


@dataclass
class Findings:
    """What was looked at in one place: how much, and what is wrong."""

    told: str = ""
    faults: list[str] = field(default_factory=list)


def landing(root: Path) -> Findings:
    """Every document against the hash that names it, every receipt against its document, every look against the receipts."""
    found = Findings()
    objects = {path.name: path for path in sorted((root / "objects").glob("[!.]*"))}
    whole = set()
    for name, path in objects.items():
        if (actual := _hash(path)) == name:
            whole.add(name)
        else:
            found.faults.append(
                f"landing/objects/{name} {'cannot be read' if actual is None else 'no longer holds the bytes received'};"
                f" {_BACKUP}, or let a night fetch it again if its source still has it"
            )
    receipts = sources = 0
    for folder in sorted(
        path for path in root.glob("*") if path.is_dir() and path.name not in ("objects", "corrupt")
    ):
        sources += 1
        known = set()
        for path in sorted(folder.glob("[!.]*.json")):
            place = f"landing/{folder.name}/{path.name}"
            if path.name == LAST:
                continue
            receipts += 1
            receipt = _receipt(path)
            if receipt is None:
                found.faults.append(
                    f"{place} cannot be read, its document is not used; {_BACKUP}, or let a night fetch it again"
                )
            elif (receipt.source_id, receipt.sha12) != (folder.name, path.stem.rpartition("-")[2]):
                found.faults.append(f"{place} tells of another document than its name; {_BACKUP}")
            else:
                known.add(receipt.sha256)
                if receipt.sha256 not in objects:
                    found.faults.append(
                        f"landing/objects/{receipt.sha256} is gone: {place} says that {receipt.name} was received as this;"
                        f" {_BACKUP}, or let a night fetch it again if its source still has it"
                    )
                elif receipt.sha256 in whole and objects[receipt.sha256].stat().st_size != receipt.size:
                    found.faults.append(f"{place} says another size than its document has; {_BACKUP}")
        if fault := _look_fault(folder / LAST, known):
            found.faults.append(f"landing/{folder.name}/{LAST} {fault}; the next night's look writes it anew")
    found.told = f"{len(objects)} documents as received, {receipts} receipts of {sources} sources"
    return found


def raw(root: Path, quarantine: Path, landing_root: Path) -> Findings:
    """Every snapshot: its record, the hash of each Parquet file that the record names, its document in landing."""
    found, snapshots, files = Findings(), 0, 0
    for path in sorted(root.glob("*/[!.]*.json")):
        if path.name.endswith(".checks.json"):
            if _json(path) is None:
                found.faults.append(
                    f"raw/{path.parent.name}/{path.name} cannot be read; remove it, it is judged anew"
                )
            continue
        snapshots += 1
        place = f"raw/{path.parent.name}/{path.name}"
        snapshot = _snapshot(path)
        if snapshot is None or snapshot.name != path.stem:
            found.faults.append(
                f"{place} is no record of a snapshot; remove it, the next night reads its document anew"
            )
            continue
        if not (landing_root / "objects" / snapshot.sha256).exists():
            found.faults.append(
                f"{place} was read from landing/objects/{snapshot.sha256}, which is gone; {_BACKUP}"
            )
        for name, sha256 in snapshot.files.items():
            files += 1
            folder = quarantine if name.startswith(f"{quarantine.name}/") else root
            if (actual := _hash(folder / snapshot.dataset / name.partition("/")[2])) != sha256:
                found.faults.append(
                    f"{folder.name}/{snapshot.dataset}/{name.partition('/')[2]}"
                    f" {'is gone or cannot be read' if actual is None else 'is not as it was written'};"
                    " the next night that needs it reads its document anew from landing"
                )
    found.told = f"{snapshots} snapshots, {files} files of rows as they were written"
    return found


def quarantine(root: Path) -> Findings:
    """The list of the last night's documents, and the file of rejected rows of each."""
    found = Findings(told="no night has looked at a document yet")
    try:
        entries = store.read_index(root)
    except (OSError, ValueError, TypeError, KeyError):
        found.faults.append(f"quarantine/{store.INDEX} cannot be read; the next night writes it anew")
        return found
    if entries is not None:
        named = [entry.file for entry in entries if entry.file]
        found.faults += [
            f"quarantine/{file} is gone; the next night reads its document anew from landing"
            for file in named
            if not (root / file).is_file()
        ]
        found.told = f"{len(entries)} documents of the last night, {len(named)} with rejected rows"
    return found


def _look_fault(path: Path, known: set[str]) -> str | None:
    if not path.exists():
        return None  # a night that died before its first look ended
    look = _json(path)
    try:
        missing = [sha256 for sha256 in look["sha256s"] if sha256 not in known]
    except (TypeError, KeyError):
        return "cannot be read; the next night's look writes it anew"
    return (
        f"names a document without a readable receipt ({missing[0][:12]}); bring the receipt back from a backup"
        if missing
        else None
    )


def _receipt(path: Path) -> Receipt | None:
    try:
        return Receipt(**_json(path))
    except TypeError:
        return None


def _snapshot(path: Path) -> Snapshot | None:
    content = _json(path)
    names = {one.name for one in fields(Snapshot)}
    try:
        return Snapshot(**content) if set(content) <= names and isinstance(content["files"], dict) else None
    except (TypeError, KeyError):
        return None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _hash(path: Path) -> str | None:
    """The hash of a file, None where it cannot be read."""
    try:
        return file_hash(path)
    except OSError:
        return None
