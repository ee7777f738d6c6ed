"""The two steps that change what others rely on, publishing and landing, each alone and at every single point: killed at
every system call of its main thread that changes the disk, and refused room from every write on.

    python -m tests.faults.steps publish|land HOME     one step, in the process that is to be killed
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.landing import Document, Landing, clear_partials
from tests.faults.world import PROJECT, Broken, hash_of
from tests.warehouse.conftest import make_build_file, make_release
from warehouse import release as releases
from warehouse.home import Home

if TYPE_CHECKING:
    from tests.faults.harness import Report

# kinds of calls, as strace names them; those that end in "at" with those that do not
CALLS = ("rename", "fsync", "unlink", "chmod", "mkdir", "symlink", "rmdir", "write", "pwrite64")
FULL = ("write", "pwrite64", "mkdir", "rename")
DOCUMENTS = {f"figures_{n}.csv": f"area,value\nkuiwen,{n}\n".encode() * 3_000 for n in range(3)}
KILLED = (-9, 128 + 9)


def publish(home: Home) -> None:
    """Publish the build file that lies in the home, and remove what retention lets go."""
    make_release(home, releases.new_release_id(home, datetime.now(UTC)))
    releases.retain(home, nights=1)


def land(home: Home) -> None:
    """Receive three documents, two of them as files, of a source that held the first of them before."""
    clear_partials(home.landing)
    documents = [
        Document(name, home.inbox / name if n else content, name)
        for n, (name, content) in enumerate(DOCUMENTS.items())
    ]
    Landing(home.landing).receive("figures", documents, datetime(2026, 11, 24, tzinfo=UTC))


STEPS: dict[str, Callable[[Home], None]] = {"publish": publish, "land": land}


def prepare(root: Path) -> Home:
    """A home with two releases, the older one past retention, and a source that has been looked at once."""
    home = Home(root).ensure()
    make_build_file(home)
    for id_ in ("20261001T021503Z", "20261002T021503Z"):
        make_release(home, id_)
    for name, content in DOCUMENTS.items():
        (home.inbox / name).write_bytes(content)
    name, content = next(iter(DOCUMENTS.items()))
    Landing(home.landing).receive(
        "figures", [Document(name, content, name)], datetime(2026, 11, 20, tzinfo=UTC)
    )
    return home


def run(
    base: Path,
    report: Report,
    calls: Collection[str] = CALLS,
    full: Collection[str] = FULL,
    steps: Collection[str] = tuple(STEPS),
) -> None:
    """Every point of the steps: killed at each of these calls, and without room from each of those on."""
    if shutil.which("strace") is None:
        report.skipped.append("every system call of publishing and of landing: strace is not installed")
        return
    made = prepare(base / "made")
    for step in steps:
        for call, kind, fault in _faults(step, calls, full):
            for n in itertools.count(1):
                home = Home(base / "home")
                shutil.rmtree(home.root, ignore_errors=True)
                shutil.copytree(made.root, home.root, symlinks=True)
                before = home.current.resolve().name
                if not _strikes(step, home, call, fault.format(n=n)):
                    break
                try:
                    outcome = _require_whole(home, before)
                    report.note(kind, outcome)
                    STEPS[step](home)  # the next night's
                    if _require_whole(home, before) != ("new" if step == "publish" else "old"):
                        raise Broken("the next one published nothing")
                    _require_all_landed(home, step)
                    report.row(kind).nights += 1
                except Exception as error:
                    report.broke(kind, f"at the {n}. {call}: {type(error).__name__}: {error}")


def _faults(step: str, calls: Collection[str], full: Collection[str]) -> Iterator[tuple[str, str, str]]:
    doing = {"publish": "publishing", "land": "landing"}[step]
    for call in calls:
        yield call, f"SIGKILL at every `{call}` of {doing} alone", "signal=SIGKILL:when={n}"
    for call in full:
        yield call, f"disk full from every `{call}` of {doing} alone on", "error=ENOSPC:when={n}+"


def _strikes(step: str, home: Home, call: str, fault: str) -> bool:
    """Run a step under a fault; False where it ended well, since it makes fewer such calls."""
    calls = call if call in ("write", "pwrite64") else f"/^f?{call}.*"
    tracer = ["strace", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:{fault}"]
    ended = subprocess.run(
        [*tracer, sys.executable, "-B", "-m", "tests.faults.steps", step, str(home.root)],
        cwd=PROJECT, env=os.environ | {"PYTHONPATH": str(PROJECT)}, capture_output=True, text=True,
    )  # fmt: skip
    if "SIGKILL" in fault and ended.returncode not in (0, *KILLED):
        raise Broken(f"{step} ended with {ended.returncode} before it was killed: {ended.stderr[-800:]}")
    return ended.returncode != 0


def _require_whole(home: Home, before: str) -> str:
    now = releases.current_release(home)
    if now is None:
        raise Broken("current is gone")
    if faults := [*releases.verify(now), *releases.verify_rows(now)]:
        raise Broken(f"{now.id}: {faults}")
    objects = Landing(home.landing).objects
    if damaged := [p.name for p in objects.glob("[0-9a-f]*") if hash_of(p) != p.name]:
        raise Broken(f"landing/objects {damaged} hold other bytes than their names say")
    receipts = Landing(home.landing).receipts("figures")
    if not receipts or receipts[0].name != "figures_0.csv" or Landing(home.landing).damaged("figures"):
        raise Broken("a receipt is lost")
    Landing(home.landing).content(receipts[0].sha256)
    return "old" if now.id == before else "new"


def _require_all_landed(home: Home, step: str) -> None:
    landing = Landing(home.landing)
    if step == "land":
        held = {landing.content(receipt.sha256) for receipt in landing.receipts("figures")}
        if held != set(DOCUMENTS.values()):
            raise Broken("a document is lost")
    if left := [*home.releases.glob(".*"), *landing.objects.glob(".*")]:
        raise Broken(f"left behind: {left}")


if __name__ == "__main__":
    STEPS[sys.argv[1]](Home(Path(sys.argv[2])))
