"""Breaks the nightly in every way we know, and proves after each that nothing was lost: `make faults`.

    python -m tests.faults.harness --kills 200 --seed 1 [--minutes M] [--only kills|steps|damages|…] [--base DIR] [-o TABLE]

Kills come in chains: several nights are killed one after another, `current`, landing and lock are looked at after each, and
the plain night at the end of the chain must succeed without hand work. Every other fault is followed by such a night.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import damages, steps
from tests.faults.world import STAGES, Broken, World, end_group, is_gone, watch
from warehouse.release import published_at

#: a killed night must have ended with all it started within
GONE_WITHIN_S = 60
PER_CHAIN = 8
# calls of the main thread that change what others see; each kill is at the n-th of one kind
CALLS = {"rename": 40, "fsync": 140, "unlink": 12, "chmod": 120, "mkdir": 12, "symlink": 1}


@dataclass
class Row:
    """All faults of one kind: how many, what `current` was after them, how many were survived."""

    kind: str
    faults: int = 0
    old: int = 0
    new: int = 0
    nights: int = 0  # plain nights that followed, and succeeded
    broken: list[str] = field(default_factory=list)


class Report:
    """The table, written anew after every fault: a run that is cut short has told what it did."""

    def __init__(self, file: Path | None) -> None:
        self.file, self.rows = file, {}
        self.skipped: list[str] = []

    def row(self, kind: str) -> Row:
        return self.rows.setdefault(kind, Row(kind))

    def note(self, kind: str, outcome: str) -> None:
        row = self.row(kind)
        row.faults += 1
        row.old += outcome == "old"
        row.new += outcome == "new"
        print(f"{time.strftime('%H:%M:%S')}  {kind}: current is the {outcome} release", flush=True)
        self.write()

    def broke(self, kind: str, error: object) -> None:
        self.row(kind).broken.append(str(error))
        print(f"BROKEN  {kind}: {error}", file=sys.stderr, flush=True)
        self.write()

    def text(self) -> str:
        lines = [
            "| fault | times | `current` after it: old | new | plain nights that followed | not survived |",
            "|---|---:|---:|---:|---:|---:|",
        ]
        for row in self.rows.values():
            lines.append(
                f"| {row.kind} | {row.faults} | {row.old} | {row.new} | {row.nights} | {len(row.broken)} |"
            )
        kills = sum(row.faults for row in self.rows.values() if row.kind.startswith("SIGKILL"))
        broken = sum(len(row.broken) for row in self.rows.values())
        total = sum(row.faults for row in self.rows.values())
        lines += ["", f"{total} faults, {kills} of them kills; not survived: {broken}."]
        lines += [f"Left out: {reason}" for reason in self.skipped]
        return "\n".join(lines) + "\n"

    def write(self) -> None:
        if self.file:
            self.file.write_text(self.text(), encoding="utf-8")


# ── kills ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def kill_at_stage(world: World, stage: str, ended: bool = True) -> None:
    """Kill a night the moment it tells that a stage has ended."""
    process = world.start()
    watch(process, lambda told: os.kill(process.pid, signal.SIGKILL) if told == stage else None)
    require_gone(process)


def kill_after(world: World, seconds: float) -> None:
    """Kill a night so many seconds after its start; one that has ended by then has ended well."""
    process = world.start()
    timer = threading.Timer(seconds, lambda: process.poll() is None and process.kill())
    timer.start()
    out = watch(process)
    timer.cancel()
    require_gone(process)
    if process.returncode not in (0, -signal.SIGKILL):
        raise Broken(f"the night ended with {process.returncode} before it was killed: {out[-800:]}")


def kill_at_call(world: World, call: str, n: int) -> None:
    """Kill a night at the n-th call of a kind that its main thread makes."""
    variants = {"rename": "/rename.*", "unlink": "/unlink.*", "chmod": "/f?chmod.*", "mkdir": "/mkdir.*"}
    calls = variants.get(call, f"/{call}.*")
    log = world.base / "strace.log"
    process = world.start(
        "strace", "-o", str(log), "-e", f"trace={calls}", "-e", f"inject={calls}:signal=KILL:when={n}"
    )
    out = watch(process)
    require_gone(process)
    if process.returncode not in (0, -signal.SIGKILL, 128 + signal.SIGKILL):
        raise Broken(f"the night ended with {process.returncode} before it was killed: {out[-800:]}")


def kill_worker(world: World, stage: str, seconds: float) -> None:
    """Kill a process that the night has started; the night must end by itself, and say that it did not publish."""
    process = world.start()

    def kill() -> None:
        for child in _workers(process.pid)[:1]:
            os.kill(child, signal.SIGKILL)

    timers: list[threading.Timer] = []

    def later(told: str) -> None:
        if told == stage:
            timers.append(threading.Timer(seconds, kill))
            timers[-1].start()

    out = watch(process, later)
    for timer in timers:
        timer.cancel()
    require_gone(process)
    if process.returncode not in (0, 1, 3):
        raise Broken(f"the night ended with {process.returncode}: {out[-800:]}")
    if process.returncode and "nothing published" not in out:
        raise Broken(f"the night did not say that nothing was published: {out[-800:]}")


def _workers(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def require_gone(process: subprocess.Popen[str]) -> None:
    """A killed night takes all it started with it."""
    end = time.monotonic() + GONE_WITHIN_S
    while not is_gone(process.pid):
        if time.monotonic() > end:
            end_group(process)
            raise Broken(f"what the night had started was still there after {GONE_WITHIN_S} s")
        time.sleep(0.2)


def kills(world: World, seed: int) -> Iterator[tuple[str, Callable[[], None]]]:
    """Kills without end: stage boundaries, random instants, the n-th call of a kind, and processes of the night."""
    chance = random.Random(seed)
    has_strace = shutil.which("strace") is not None
    while True:
        stage = chance.choice(STAGES)
        yield f"SIGKILL as `{stage}` ends", lambda stage=stage: kill_at_stage(world, stage)
        for _ in range(3):
            share = chance.random()
            yield (
                "SIGKILL at a random instant",
                lambda share=share: kill_after(world, share * world.seconds["end"]),
            )
        if has_strace:
            call = chance.choice(list(CALLS))
            n = chance.randint(1, CALLS[call])
            yield f"SIGKILL at the n-th `{call}`", lambda call=call, n=n: kill_at_call(world, call, n)
        stage, share = chance.choice(["fetch", "take", "build"]), chance.random()
        yield (
            "SIGKILL of a worker process",
            lambda stage=stage, share=share: kill_worker(
                world, stage, share * (world.seconds["build"] - world.seconds["take"])
            ),
        )


def run_kills(world: World, report: Report, count: int, seed: int, end: float) -> None:
    if shutil.which("strace") is None:
        report.skipped.append("kills at the n-th system call: strace is not installed")
    chain: set[str] = set()
    for done, (kind, kill) in enumerate(kills(world, seed), start=1):
        before = world.current
        world.something_new()
        try:
            kill()
            report.note(kind, world.require_whole(before))
        except Broken as error:
            report.broke(kind, error)
        chain.add(kind)
        over = done >= count or time.monotonic() > end
        if over or done % PER_CHAIN == 0:
            follow(world, report, chain)
            chain = set()
        if over:
            return


def follow(world: World, report: Report, kinds: set[str], new: bool = False) -> None:
    """The plain night that must succeed; counted for every kind of fault that came before it."""
    before = world.current
    if new:
        world.something_new()
    try:
        world.plain_night()
        world.require_whole(before)
    except Broken as error:
        for kind in kinds:
            report.broke(kind, error)
        return
    for kind in kinds:
        report.row(kind).nights += 1
    report.write()


# ── everything else ────────────────────────────────────────────────────────────────────────────────────────────────


def run_damages(world: World, report: Report) -> None:
    """What lies in the home is damaged, several things at a time that do not hide each other; the next night is plain."""
    for group in damages.GROUPS:
        world.something_new()
        done = {f"damaged: {damage.what}" for damage in group if damage.do(world)}
        for kind in done:
            report.note(kind, "old")
        follow(world, report, done)


def run_full_disk(world: World, report: Report) -> None:
    """The home on a disk of its own that has less and less room; then there is room again."""
    if os.geteuid() != 0:
        report.skipped.append("a full disk: only root may mount a small one")
        return
    for free_kb in (0, 200, 4_000, 12_000, 20_000):
        world.something_new()  # before the disk is full: a person could not put it there either
        with _small_disk(world, free_kb):
            before = world.current
            ended = world.night()
            if ended.code == 0 and free_kb < 12_000:
                report.broke("disk full", f"a night succeeded with {free_kb} kB free")
            if "Traceback" in ended.out:
                report.broke("disk full", f"a traceback instead of a message: {ended.out[-1500:]}")
            try:
                report.note("disk full", world.require_whole(before))
            except Broken as error:
                report.broke("disk full", error)
            (world.home.root / "ballast").unlink()
            follow(world, report, {"disk full"})


@contextlib.contextmanager
def _small_disk(world: World, free_kb: int) -> Iterator[None]:
    root, kept = world.home.root, world.base / "home.kept"
    root.rename(kept)
    root.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600m", "none", str(root)], check=True)
    try:
        shutil.copytree(kept, root, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(kept)
        room = shutil.disk_usage(root).free - free_kb * 1024
        with (root / "ballast").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, room)
        yield
    finally:
        shutil.copytree(root, kept, symlinks=True)
        subprocess.run(["umount", str(root)], check=True)
        root.rmdir()
        kept.rename(root)


def run_cut_download(world: World, report: Report) -> None:
    kind = "a download cut short"
    world.cut, before = True, world.current
    world.something_new()
    try:
        ended = world.night()
        if ended.code != 0 or "downloaded_figures could not be fetched" not in ended.out:
            raise Broken(
                f"the night ended with {ended.code} and did not say what was cut: {ended.out[-1500:]}"
            )
        report.note(kind, world.require_whole(before))
    except Broken as error:
        report.broke(kind, error)
    world.cut = False
    follow(world, report, {kind})


def run_two_at_once(world: World, report: Report) -> None:
    kind = "two nights at once"
    before = world.current
    world.something_new()
    both = [world.start(), world.start()]
    outs: list[str] = ["", ""]

    def read(n: int) -> None:
        outs[n] = watch(both[n])

    threads = [threading.Thread(target=read, args=[n]) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = sorted(process.returncode for process in both)
    try:
        if codes != [0, 1] or not any("is held by" in out for out in outs):
            raise Broken(f"exit codes {codes}: {outs[0][-800:]} {outs[1][-800:]}")
        report.note(kind, world.require_whole(before))
    except Broken as error:
        report.broke(kind, error)
    follow(world, report, {kind})


def run_served(world: World, report: Report) -> None:
    """A night beside the scheduler and its pages, which are then killed."""
    kind = "`serve` and a night together; SIGKILL of `serve`"
    before = world.current
    world.something_new()
    with (world.base / "serve.log").open("w") as log:
        server = subprocess.Popen(
            [*world.prefix, sys.executable, "-m", "orchestration.cli", "serve", "--port", "3471"],
            env=world.environment, cwd=Path(__file__).parents[2], stdin=subprocess.DEVNULL,
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        ended = world.night()
        if ended.code != 0 or server.poll() is not None:
            raise Broken(f"the night ended with {ended.code}, serve with {server.poll()}: {ended.out[-800:]}")
        report.note(kind, world.require_whole(before))
    except Broken as error:
        report.broke(kind, error)
    finally:
        end_group(server)
        server.wait()
    follow(world, report, {kind}, new=True)


def run_wrong_clock(world: World, report: Report) -> None:
    """What a night leaves whose clock was in 2099, and the nights after it; the figure handed in last must be what stands."""
    kind = "a clock that was in 2099"
    damages.move_to_2099(world)
    before = world.current
    world.something_new()
    try:
        ended = world.night()
        if ended.code != 0 or published_at(world.current).year > 2090:
            raise Broken(f"the night ended with {ended.code}, current is {world.current}: {ended.out[-800:]}")
        report.note(kind, world.require_whole(before))
    except Broken as error:
        report.broke(kind, error)
    follow(world, report, {kind}, new=True)


def run_another_user(world: World, report: Report) -> None:
    """Files that the night's user may not read. Root may read everything, so the nights are another user's."""
    kind = "files that may not be read"
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        report.skipped.append("files that may not be read: needs root and setpriv")
        return
    with damages.as_another_user(world):
        reach = "import os, sys; sys.exit(not os.access(sys.executable, os.X_OK))"  # its workers are started by it
        if subprocess.run([*world.prefix, sys.executable, "-c", reach], capture_output=True).returncode:
            report.skipped.append(f"files that may not be read: another user may not run {sys.executable}")
            return
        world.something_new()
        for path in damages.lock_away(world):
            report.note(f"{kind}: {path}", "old")
        follow(world, report, {kind})


PARTS: dict[str, Callable[[World, Report], None]] = {
    "damages": run_damages,
    "disk": run_full_disk,
    "download": run_cut_download,
    "two": run_two_at_once,
    "served": run_served,
    "clock": run_wrong_clock,
    "user": run_another_user,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200, help="whole nights to kill")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=24 * 60, help="begin no further kill after so long")
    parser.add_argument("--only", choices=["steps", "kills", *PARTS], action="append")
    parser.add_argument("--base", type=Path, help="an empty folder to work in")
    parser.add_argument("-o", "--output", type=Path, help="file for the table")
    given = parser.parse_args()
    end = time.monotonic() + given.minutes * 60
    asked = given.only or ["steps", *PARTS, "kills"]
    report = Report(given.output)
    base = given.base or Path(tempfile.mkdtemp(prefix="faults_"))
    base.mkdir(parents=True, exist_ok=True)
    print(f"in {base}", flush=True)
    if "steps" in asked:
        steps.run(base / "steps", report)
    if set(asked) - {"steps"}:
        world = World.make(base)
        try:
            world.plain_night()
            world.require_whole(None)
            for name, part in PARTS.items():
                if name in asked:
                    part(world, report)
            if "kills" in asked:
                run_kills(world, report, given.kills, given.seed, end)
        finally:
            world.close()
    print(report.text())
    return 1 if any(row.broken for row in report.rows.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
