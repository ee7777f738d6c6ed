"""Runs a command and watches it: wall seconds, resident memory of its process tree, and what it prints with the time of it.

Memory comes from /proc alone: the proportional set (a page shared by two processes counts half in each) summed over every
process of the command's session, and the largest one. What a benchmark measures and prints is its own.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

INTERVAL_S = 0.05
PROC = Path("/proc")


@dataclass(frozen=True)
class Sample:
    """Memory at a moment: seconds since the command began, bytes of the whole tree and of its largest process."""

    at: float
    tree: int
    largest: int


@dataclass(frozen=True)
class Watched:
    """A command that ended well. lines: what it printed, each with the seconds since it began."""

    seconds: float
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
    while process.poll() is None:
        memory = memory_of_session(process.pid)
        if memory:
            samples.append(Sample(time.perf_counter() - began, sum(memory), max(memory)))
        try:
            process.wait(INTERVAL_S)
        except subprocess.TimeoutExpired:
            continue
    seconds = time.perf_counter() - began
    reader.join()
    if process.returncode:
        raise SystemExit("\n".join(text for _, text in lines) + f"\nexit {process.returncode}: {command}")
    return Watched(seconds, tuple(samples), tuple(lines))


def memory_of_session(session: int) -> list[int]:
    """Proportional set size in bytes of every process of a session; one that ends meanwhile is left out."""
    return [size for pid in _processes(session) if (size := _proportional_bytes(pid))]


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


def _proportional_bytes(pid: int) -> int:
    try:
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        pass
    return 0
