"""A small city's home to break: nights in processes of their own, and what must hold after a fault. Knows no fault."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.cities import write_small_city
from warehouse.home import Home, night_holder
from warehouse.release import ReleaseError, current_release, verify, verify_rows

PROJECT = Path(__file__).parents[2]
FIRST_DAY = date(2026, 11, 23)
NIGHT_LIMIT_S = 1800
STAGES = ("fetch", "take", "build", "audit", "publish")

HEADER = "地区,指标,时期,数值,单位,增速(%),增速口径,版次,标题,网址,发布日期,来源级别,采用,不采用原因,备注\n"
FIGURES = HEADER + (
    "蓝湾市,海洋生产总值,2023,400,亿元,,,年鉴,蓝湾统计年鉴,,2024-10-01,O,是,,\n"
    "蓝湾市,海洋生产总值,2024,440,亿元,,,年鉴,蓝湾统计年鉴,,2025-10-01,O,是,,\n"
    "蓝湾市,地区生产总值,2024,4000,亿元,,,年鉴,蓝湾统计年鉴,,2025-10-01,O,是,,\n"
)
DOWNLOAD = HEADER + "港北区,地区生产总值,2024,1500,亿元,,,年鉴,蓝湾统计年鉴,,2025-10-01,O,是,,\n"
COMMON = """\
    title_en: Figures
    publisher_zh: 蓝湾市海洋局
    dataset: indicator_figures
    layout: figures_table
    cadence: irregular
    licence: 内部报送
    tier: O
    data_origin: submitted
    owner_department: D01
"""
CATALOGUE = f"""\
sources:
  - id: inbox_figures
    title_zh: 报送的指标数据
    connector: inbox
    location: "*figures*"
    accumulates: true
{COMMON}
  - id: downloaded_figures
    title_zh: 下载的指标数据
    connector: http
    location: http://127.0.0.1:PORT/figures.csv
    connection: {{attempts: 1}}
    tolerance_days: 400
{COMMON}"""


@dataclass(frozen=True)
class Ended:
    """How a night ended. code: as `subprocess` gives it, negative where a signal ended it."""

    code: int
    out: str
    seconds: float

    @property
    def last_line(self) -> str:
        return (self.out.rstrip().splitlines() or [""])[-1]


class Broken(AssertionError):
    """Something that must hold after a fault does not."""


@dataclass
class World:
    """One home with its city, its catalogue and the server that it downloads from."""

    base: Path
    variables: dict[str, str] = field(default_factory=dict)  # of its city and its catalogue
    prefix: tuple[str, ...] = ()  # put before every command, such as another user
    nights: int = 0
    cut: bool = False  # whether the server closes the connection in the middle of a body
    seconds: dict[str, float] = field(default_factory=dict)  # when each stage of the last whole night ended
    accepted: dict[str, str] = field(default_factory=dict)  # files of landing and their hashes, as once seen
    proved: set[str] = field(default_factory=set)  # releases whose rows were read and found as sealed

    @classmethod
    def make(cls, base: Path) -> World:
        world = cls(base)
        world._serve()
        world.variables["BLUE_LEDGER_CITY"] = str(write_small_city(base / "city"))
        world.variables["BLUE_LEDGER_SOURCES"] = str(base / "sources.yml")
        (base / "sources.yml").write_text(CATALOGUE.replace("PORT", str(world.port)), encoding="utf-8")
        world.home.ensure()
        (world.home.inbox / "figures.csv").write_text(FIGURES, encoding="utf-8")
        return world

    @property
    def home(self) -> Home:
        return Home(self.base / "home")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    # ── nights ─────────────────────────────────────────────────────────────────────────────────────────────────

    def something_new(self) -> None:
        """Another figure in the inbox and another day: the next night has something to build."""
        self.nights += 1
        year, value = 1900 + self.nights % 120, 300 + self.nights
        line = f"蓝湾市,海洋生产总值,{year},{value},亿元,,,年鉴,第{self.nights}期,,2024-10-01,O,是,,\n"
        (self.home.inbox / f"figures_{self.nights:03}.csv").write_text(HEADER + line, encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("BLUE_LEDGER", "DAGSTER"))}
        return kept | {
            "PYTHONPATH": str(PROJECT),
            "BLUE_LEDGER_HOME": str(self.home.root),
            "BLUE_LEDGER_DEMO": "no",
            **self.variables,
            "BLUE_LEDGER_TODAY": (FIRST_DAY + timedelta(days=self.nights)).isoformat(),
        }

    def start(self, *before: str, command: Sequence[str] = ("nightly",)) -> subprocess.Popen[str]:
        """A command in a process and session of its own; `before` is put in front of it, such as a tracer."""
        return subprocess.Popen(
            [*self.prefix, *before, sys.executable, "-m", "orchestration.cli", *command],
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def night(self, *before: str) -> Ended:
        """A night to its end; one that published says how long its stages take."""
        began = time.monotonic()
        seen: dict[str, float] = {}
        process = self.start(*before)
        out = watch(process, lambda stage: seen.setdefault(stage, time.monotonic() - began))
        if process.returncode == 0 and len(seen) == len(STAGES):
            self.seconds = seen | {"end": time.monotonic() - began}
        return Ended(process.returncode, out, time.monotonic() - began)

    def plain_night(self) -> Ended:
        """The night after a fault: it must end well without hand work, and leave nothing of the fault behind."""
        ended = self.night()
        if ended.code != 0:
            raise Broken(f"the next night ended with {ended.code}: {ended.out[-1500:]}")
        if current_release(self.home) is None:
            raise Broken("there is no release after a good night")
        if leftovers := [*self.home.releases.glob(".*"), *self.home.landing.rglob(".*.partial")]:
            raise Broken(f"left behind: {leftovers}")
        return ended

    # ── what must hold ─────────────────────────────────────────────────────────────────────────────────────────

    def require_whole(self, before: str | None) -> str:
        """After a fault: `current` is the release before or a newer one, and whole; landing lost nothing; no lock blocks.

        Returns "old" or "new". Raises Broken.
        """
        if holder := night_holder(self.home):
            raise Broken(f"a lock is left: {holder}")
        self.require_landing()
        try:
            now = current_release(self.home)
        except ReleaseError as error:
            raise Broken(f"current leads nowhere: {error}") from error
        if now is None:
            if before is not None:
                raise Broken(f"current is gone; it was {before}")
            return "old"
        if faults := verify(now):
            raise Broken(f"{now.id}: {faults}")
        if now.id not in self.proved:
            if faults := verify_rows(now):
                raise Broken(f"{now.id}: {faults}")
            self.proved.add(now.id)
        return "old" if now.id == before else "new"

    def require_landing(self) -> None:
        """Every document that once was received is there, or set aside in landing/corrupt; new ones are noted."""
        landing = self.home.landing
        aside = (
            {hash_of(path) for path in (landing / "corrupt").iterdir()}
            if (landing / "corrupt").exists()
            else set()
        )
        for name, sha256 in self.accepted.items():
            path = landing / name
            if path.is_file() and hash_of(path) == sha256:
                continue
            if sha256 not in aside:
                raise Broken(f"landing/{name} is lost")
        for path in landing.rglob("*"):
            if path.is_file() and path.parent.name != "corrupt" and path.name != "last_retrieval.json":
                if path.name.startswith("."):
                    continue
                if path.parent.name == "objects" and hash_of(path) != path.name:
                    raise Broken(f"landing/objects/{path.name} holds other bytes than its name says")
                if path.suffix == ".json":
                    json.loads(path.read_text(encoding="utf-8"))
                self.accepted[str(path.relative_to(landing))] = hash_of(path)

    @property
    def current(self) -> str | None:
        return self.home.current.resolve().name if self.home.current.is_symlink() else None

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _serve(self) -> None:
        world = self

        class Figures(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = DOWNLOAD.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/csv")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if world.cut else body)

            def log_message(self, format: str, *arguments: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Figures)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()


def watch(process: subprocess.Popen[str], on_stage: Callable[[str], object] = lambda stage: None) -> str:
    """Read a night's output to its end, and tell of every stage when its line comes; returns the output."""
    limit = threading.Timer(NIGHT_LIMIT_S, end_group, [process])
    limit.start()
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            words = line.split()
            if line.startswith("  ") and words and words[0] in STAGES:
                on_stage(words[0])
        process.wait()
    finally:
        limit.cancel()
    return "".join(lines)


def end_group(process: subprocess.Popen[str]) -> None:
    """SIGKILL to all that a command started and that is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
