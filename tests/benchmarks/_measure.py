"""Runs a command and watches it: wall seconds, resident memory of its process tree, and what it prints with the time of it.

Memory comes from /proc alone. Of a tree of processes it is the pages that each has to itself, summed, and the file pages of
the one that maps most of them, since libraries are the same pages in all. (The kernel's proportional count walks every page:
at three gigabytes and twenty times a second it slowed what was measured.) What a benchmark measures and prints is its own.
"""

from __future__ import annotations

import os
import resource
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

INTERVAL_S = 0.05
LOOK_S = 0.25  # how often the tree is asked for new processes
PAGE = os.sysconf("SC_PAGE_SIZE")
PROC = Path("/proc")


@dataclass(frozen=True)
class Sample:
    """Memory at a moment: seconds since the command began, bytes of the whole tree and of its largest process."""

    at: float
    tree: int
    largest: int


@dataclass(frozen=True)
class Watched:
    """A command that ended well. lines: what it printed, each with the seconds since it began.

    cpu: seconds of processor time of it and of all that it started and waited for.
    """

    seconds: float
    cpu: float
    samples: tuple[Sample, ...]
    lines: tuple[tuple[float, str], ...]

    def peak(self, begin: float = 0.0, end: float = float("inf")) -> Sample:
        """The fullest moment between two times; of no sample at all, nothing at `begin`."""
        within = [sample for sample in self.samples if begin <= sample.at <= end]
        return max(within, key=lambda sample: sample.tree, default=Sample(begin, 0, 0))

    def largest(self, begin: float = 0.0, end: float = float("inf")) -> int:
        """Bytes of the largest single process at any moment between two times."""
        return max((sample.largest for sample in self.samples if begin <= sample.at <= end), default=0)


def watch(command: Sequence[str], env: Mapping[str, str] | None = None) -> Watched:
    """Run a command in a session of its own. SystemExit with what it printed if it fails."""
    samples: list[Sample] = []
    lines: list[tuple[float, str]] = []
    before = _cpu()
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=dict(env or os.environ, PYTHONUNBUFFERED="1"),
        start_new_session=True,
    )

    def read() -> None:
        for line in process.stdout:
            lines.append((time.perf_counter() - began, line.rstrip("\n")))

    reader = threading.Thread(target=read)
    reader.start()
    pids: list[int] = [process.pid]
    looked = 0.0
    while process.poll() is None:
        now = time.perf_counter() - began
        if now - looked > LOOK_S:
            pids, looked = list(_processes(process.pid)), now
        memory = [size for pid in pids if (size := _bytes(pid))]
        if memory:
            tree = sum(private for private, _ in memory) + max(mapped for _, mapped in memory)
            samples.append(Sample(now, tree, max(map(sum, memory))))
        try:
            process.wait(INTERVAL_S)
        except subprocess.TimeoutExpired:
            continue
    seconds = time.perf_counter() - began
    reader.join()
    if process.returncode:
        raise SystemExit("\n".join(text for _, text in lines) + f"\nexit {process.returncode}: {command}")
    return Watched(seconds, _cpu() - before, tuple(samples), tuple(lines))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _processes(session: int) -> Iterator[int]:
    for entry in os.scandir(PROC):
        if entry.name.isdigit():
            try:
                # the command's name, in brackets, may hold anything: what follows its last bracket is counted
                fields = (PROC / entry.name / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[3]) == session:
                yield int(entry.name)


def _bytes(pid: int) -> tuple[int, int] | None:
    """Resident bytes of a process: its own, and those mapped from files. None where it has ended."""
    try:
        _, resident, mapped, *_ = (PROC / str(pid) / "statm").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return (int(resident) - int(mapped)) * PAGE, int(mapped) * PAGE
