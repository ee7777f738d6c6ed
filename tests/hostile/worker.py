"""Takes one hostile file through landing and the snapshot store, in a process whose memory is limited. Judges nothing."""

from __future__ import annotations

import os
import resource
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from ingest.catalogue import Source
from ingest.landing import Document, Landing
from ingest.reference import Reference
from ingest.snapshots import SnapshotStore
from tests.hostile.files import FILES
from tests.ingest.conftest import FIGURES, SEEDS

ADDRESS_SPACE = 6 * 1024**3
AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


def limit() -> None:
    """What a bomb would take beyond this is refused by the system, and this process alone would end of it."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the libraries complain of every file


def take(name: str) -> dict[str, object]:
    """How the store took a file: its fault, rows, rejected rows with their reasons, and by how much this process grew."""
    hostile = FILES[name]
    content = hostile.make()
    source = Source(**FIGURES | {"layout": hostile.layout})
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        landing = Landing(home / "landing")
        store = SnapshotStore(home / "raw", home / "quarantine", landing, Reference(SEEDS))
        [receipt] = landing.receive(source.id, [Document(hostile.filename, content, hostile.filename)], AT)
        before = _forget_peak()
        snapshot = store.take(source, receipt)
        grown = _memory("VmHWM") - before
        reasons = []
        if snapshot.rejected:
            rejected = pl.read_parquet(store.rejected_file(snapshot))
            reasons = [
                f"{field}: {reason[:200]}" for field, reason in rejected.select("field", "reason").iter_rows()
            ]
        return {
            "fault": snapshot.fault,
            "rows": snapshot.rows,
            "reasons": reasons,
            "grown_mb": grown / 1024**2,
            "size": len(content),
        }


def _forget_peak() -> int:
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))
