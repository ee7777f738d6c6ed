"""Where all state lives, and who may write it tonight. Nothing here opens a database."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

HOME_VARIABLE = "BLUE_LEDGER_HOME"


@dataclass(frozen=True)
class Home:
    """The one folder that holds everything which is not code."""

    root: Path

    @classmethod
    def resolve(cls, path: Path | None = None, env: Mapping[str, str] | None = None) -> Home:
        """The given path, else BLUE_LEDGER_HOME, else ./data; always absolute."""
        chosen = path or (os.environ if env is None else env).get(HOME_VARIABLE) or "data"
        return cls(Path(chosen).expanduser().absolute())

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def raw(self) -> Path:
        return self.root / "raw"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def decisions(self) -> Path:
        """What persons decided about links: the one thing here that cannot be had again."""
        return self.root / "decisions"

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def build_file(self) -> Path:
        return self.build / "build.duckdb"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def current(self) -> Path:
        """The symlink to the release that readers are to use; it may not exist yet."""
        return self.root / "current"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def demo(self) -> Path:
        return self.root / "demo"

    @property
    def as_of(self) -> Path:
        """Marts as they were known on earlier days; made on demand, may be deleted at any time."""
        return self.root / "as_of"

    @property
    def superset(self) -> Path:
        """Superset's own state: its metadata and key. Not made until Superset is served."""
        return self.root / "superset"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def manifests(self) -> Path:
        """Manifests of releases that a restored backup did not hold; not there in a home that was never restored."""
        return self.root / "manifests"

    @property
    def withdrawn(self) -> Path:
        """The releases that persons went back from, and why; not there where nobody did."""
        return self.root / "withdrawn.json"

    def ensure(self) -> Home:
        """Make every folder that is missing; return self."""
        for folder in (
            self.inbox,
            self.landing,
            self.raw,
            self.quarantine,
            self.decisions,
            self.build,
            self.releases,
            self.dagster,
            self.demo,
            self.reports,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        return self


@dataclass(frozen=True)
class Holder:
    """Who holds the night: process id, start as UTC text in ISO format, command line."""

    pid: int
    since: str
    command: str

    def __str__(self) -> str:
        return f"process {self.pid} ({self.command}) since {self.since}"


class HomeBusy(RuntimeError):
    """Another night is running in this home. `holder` is None where it left no name yet."""

    def __init__(self, home: Home, holder: Holder | None) -> None:
        super().__init__(f"{home.root} is held by {holder or 'another process'}")
        self.holder = holder


class NightLock:
    """One night at a time: `with NightLock(home): …`.

    The kernel holds the lock for the process, so that a dead holder never blocks; the JSON
    beside it only says who. Raises HomeBusy when it is not free within `wait_seconds`.
    """

    def __init__(self, home: Home, command: str | None = None, wait_seconds: float = 1.0) -> None:
        self._home = home
        self._command = shlex.join(sys.argv) if command is None else command
        self._lock = _lock(home, wait_seconds)

    def __enter__(self) -> Self:
        self._home.build.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except Timeout:
            raise HomeBusy(self._home, _read_holder(self._home)) from None
        try:
            holder = Holder(os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"), self._command)
            # Written aside and moved: whoever reads it reads all of it.
            draft = _holder_file(self._home).with_suffix(".json.new")
            draft.write_text(json.dumps(asdict(holder), ensure_ascii=False), encoding="utf-8")
            os.replace(draft, _holder_file(self._home))
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _holder_file(self._home).unlink(missing_ok=True)
        self._lock.release()


def night_holder(home: Home) -> Holder | None:
    """Who runs a night in this home just now; None if nobody does."""
    home.build.mkdir(parents=True, exist_ok=True)
    try:
        # for an instant, which another who asks, or a night that begins, waits out
        with _lock(home, wait_seconds=0.2):
            return None
    except Timeout:
        return _read_holder(home) or Holder(0, "an unknown time", "unknown")


def _lock(home: Home, wait_seconds: float) -> FileLock:
    # It may be let go from another thread than took it (a scheduler's), and must not fall back
    # to a lock made of a file's existence, which outlives its holder.
    return FileLock(
        home.build / "night.lock", timeout=wait_seconds, thread_local=False, fallback_to_soft=False
    )


def _holder_file(home: Home) -> Path:
    return home.build / "night.json"


def _read_holder(home: Home) -> Holder | None:
    try:
        return Holder(**json.loads(_holder_file(home).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):  # the lock itself is the kernel's: this only names who has it
        return None
