"""What tests of the whole share: the command line as a person calls it, a catalogue to spoil, and two homes after a night.

A night takes half a minute, so the homes are made once for all modules. Nobody writes to them: `home_after` gives a copy.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock

PROJECT = Path(__file__).parents[1]
TODAY = "2026-11-23"  # what a night says of targets depends on the day
TIMEOUT_S = 300
SLOW_MODULE = re.compile(r"^pytestmark = pytest\.mark\.slow\b", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The fast loop does not even import modules that are slow as a whole: Dagster alone takes longer than they do."""
    if config.option.markexpr != "not slow" or collection_path.suffix != ".py":
        return None
    return True if SLOW_MODULE.search(collection_path.read_text(encoding="utf-8")) else None


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        return self.out.rstrip().splitlines()[-1]

    def json(self):
        return json.loads(self.out)


@dataclass(frozen=True)
class Catalogue:
    """A copy of the bundled catalogue with its files, to be spoiled by a test."""

    file: Path

    def path(self, location: str) -> Path:
        return self.file.parent / "bundled" / location

    def edit(self, old: str, new: str) -> None:
        """Replace text that stands in the catalogue exactly once."""
        text = self.file.read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        self.file.write_text(text.replace(old, new), encoding="utf-8")


@dataclass(frozen=True)
class NightHome:
    """A home after its first night, and how that night ended."""

    root: Path
    night: Done

    @property
    def current(self) -> Path:
        return (self.root / "current").resolve()

    def rows(self, sql: str) -> list[tuple]:
        """Rows of the current release, read as any client would read the file."""
        with duckdb.connect(str(self.current / "marts.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def environment(home: Path) -> dict[str, str]:
    """This process's environment without what would steer a night, and with the home and the day."""
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("BLUE_LEDGER", "DAGSTER"))
    }
    return env | {"BLUE_LEDGER_HOME": str(home), "BLUE_LEDGER_TODAY": TODAY}


@pytest.fixture(scope="session")
def start_blue_ledger() -> Callable[..., subprocess.Popen]:
    """Start the command line in a process of its own, in a session of its own, without standard input."""

    def start(
        *arguments: object, home: Path, variables: dict[str, str] | None = None, log: Path | None = None
    ) -> subprocess.Popen:
        command = [sys.executable, "-m", "orchestration.cli", *map(str, arguments)]
        with ExitStack() as opened:
            # who does not read the output while the command runs takes it into a file: a full pipe would stop it
            output = opened.enter_context(log.open("w")) if log else subprocess.PIPE
            return subprocess.Popen(
                command,
                cwd=PROJECT,
                env=environment(home) | (variables or {}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if log else subprocess.PIPE,
                text=True,
                start_new_session=True,
            )

    return start


@pytest.fixture(scope="session")
def blue_ledger(start_blue_ledger) -> Callable[..., Done]:
    """Run a command to its end."""

    def run(*arguments: object, home: Path) -> Done:
        with start_blue_ledger(*arguments, home=home) as process:
            try:
                out, err = process.communicate(timeout=TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return Done(process.returncode, out, err)

    return run


@pytest.fixture
def catalogue(tmp_path) -> Catalogue:
    return copy_catalogue(tmp_path / "catalogue")


@pytest.fixture(scope="session")
def first_night(tmp_path_factory, blue_ledger) -> Callable[..., NightHome]:
    """A home after its first night, made once for all processes of a test run: whoever comes second waits for it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def make(name: str, *options: str, prepare: Callable[[Path], object] = lambda root: None) -> NightHome:
        root, ended = shared / name / "home", shared / name / "ended.json"
        ended.parent.mkdir(exist_ok=True)
        with FileLock(shared / f"{name}.lock"):
            if not ended.exists():
                prepare(root)
                ended.write_text(json.dumps(asdict(blue_ledger("nightly", *options, home=root))))
        night = Done(**json.loads(ended.read_text()))
        assert night.code == 0, f"the first night ended with {night.code}\n{night.out}\n{night.err}"
        return NightHome(root, night)

    return make


@pytest.fixture(scope="session")
def demo_home(first_night, blue_ledger) -> NightHome:
    """After a first night as it comes out of the box, with a small demo register; not to be written to."""

    def small_register(root: Path) -> None:
        made = blue_ledger("demo", "--companies", 2_000, home=root)
        assert made.code == 0, made.err

    return first_night("demo_night", prepare=small_register)


@pytest.fixture(scope="session")
def real_home(first_night) -> NightHome:
    """After a first night on what is really published, and nothing else; not to be written to."""
    return first_night("real_night", "--no-demo")


@pytest.fixture
def changed_release(demo_home, tmp_path) -> Callable[..., Any]:
    """The demo release after its tables were changed by SQL: not one that a night would make, and without its other files."""
    from warehouse.release import Release, open_release

    def change(*statements: str) -> Release:
        shutil.copyfile(demo_home.current / "marts.duckdb", tmp_path / "marts.duckdb")
        (tmp_path / "marts.duckdb").chmod(0o644)
        with duckdb.connect(str(tmp_path / "marts.duckdb")) as connection:
            for statement in statements:
                connection.execute(statement)
        release = open_release(demo_home.current)
        return Release(tmp_path, release.id, release.manifest)

    return change


@pytest.fixture(scope="session")
def nothing_returned() -> Callable[[str], str]:
    """SQL by which no body has returned anything of a month."""

    def statement(month: str) -> str:
        return (
            "update task_ledger set status = 'not_submitted', rag = 'grey', days_late = null, submitted_on = null,"
            f" source_row_ids = null where period = '{month}' and status <> 'not_assignable'"
        )

    return statement


@pytest.fixture
def home_after(tmp_path) -> Callable[[NightHome], Path]:
    """A copy of a home, to go on with."""

    def copy(home: NightHome) -> Path:
        return Path(shutil.copytree(home.root, tmp_path / "home", symlinks=True))

    return copy


@pytest.fixture(scope="session")
def edit_workbook() -> Callable[..., None]:
    """Change a workbook in place: whole texts by others, and the numbers of a column of the first sheet by a factor."""

    def edit(path: Path, texts: dict[str, str] | None = None, factor: tuple[str, int] | None = None) -> None:
        with zipfile.ZipFile(path) as file:
            parts = {name: file.read(name) for name in file.namelist()}
        strings = parts["xl/sharedStrings.xml"].decode()
        for old, new in (texts or {}).items():
            assert strings.count(f">{old}</t>") == 1, old
            strings = strings.replace(f">{old}</t>", f">{new}</t>")
        parts["xl/sharedStrings.xml"] = strings.encode()
        if factor:
            column, times = factor
            sheet, changed = re.subn(
                rf'(<c r="{column}\d+" s="\d+"><v>)(\d+)(</v>)',
                lambda cell: f"{cell[1]}{int(cell[2]) * times}{cell[3]}",
                parts["xl/worksheets/sheet1.xml"].decode(),
            )
            assert changed > 5
            parts["xl/worksheets/sheet1.xml"] = sheet.encode()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in parts.items():
                file.writestr(name, content)

    return edit


def copy_catalogue(folder: Path) -> Catalogue:
    source = PROJECT / "ingest"
    shutil.copytree(source / "bundled", folder / "bundled")
    return Catalogue(Path(shutil.copy(source / "sources.yml", folder / "sources.yml")))
