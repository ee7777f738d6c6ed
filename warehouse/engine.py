"""DuckDB connections with bounds: one kind that builds, one that only reads. No SQL of the business."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import polars as pl

GIB = 1024**3
READER_MEMORY_BYTES = 2 * GIB
# What an answer may take in this process beside the engine's own memory, whose limit does not know of it.
ANSWER_BYTES = 2 * GIB
_LOOK_EVERY_S = 0.05

# No engine of ours fetches code: what is not in the wheel is not used.
_NO_EXTENSIONS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}


def memory_budget_bytes(most: int = 4 * GIB) -> int:
    """60 % of the machine's memory (or of this container's or service's, if less), and never over `most`."""
    memory = min([os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *_memory_limits()])
    return min(most, memory * 6 // 10)


def spill_budget_bytes(scratch: Path) -> int:
    """What may be spilled into a folder that is there: at most half of its disk's free space and 50 GB."""
    return min(50 * GIB, shutil.disk_usage(scratch).free // 2)


def _memory_limits(
    groups: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")
) -> Iterator[int]:
    """Limits, in bytes, of the control group that this process stands in, such as a service's, and of those around it."""
    try:
        inner = next(
            line[3:] for line in own.read_text(encoding="utf-8").splitlines() if line.startswith("0::")
        )
    except (OSError, StopIteration):
        return
    folder = groups / inner.lstrip("/")
    for place in (folder, *folder.parents):
        if place.is_relative_to(groups):
            with suppress(OSError, ValueError):  # no such group here, or no limit: "max"
                yield int((place / "memory.max").read_text(encoding="utf-8"))


def connect_build(
    path: Path | str, read_only: bool = False, *, scratch: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection for building: every table of the house, within stated bounds.

    `scratch` is where it may spill (default: `tmp/` beside the file, so it is needed for
    ":memory:"), as much as `spill_budget_bytes` says. Times of day are in UTC.
    """
    if scratch is None:
        if str(path) == ":memory:":
            raise ValueError("a connection in memory needs a scratch folder")
        scratch = Path(path).parent / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    settings = {
        **_NO_EXTENSIONS,
        "threads": os.cpu_count() or 1,
        "memory_limit": f"{memory_budget_bytes()}B",
        "max_temp_directory_size": f"{spill_budget_bytes(scratch)}B",
        # Nothing built relies on the order of insertion, and keeping it costs memory.
        "preserve_insertion_order": "false",
        "TimeZone": "UTC",
    }
    # Settings follow the connect instead of going into it: two connections of one process to one
    # file must be opened with the same configuration, and free disk is never twice the same.
    connection = duckdb.connect(str(path), read_only=read_only)
    for name, value in settings.items():
        connection.execute(f"SET {name} = {quote_literal(str(value))}")
    # The engine refuses to set the folder again once it has spilled, even to the same one.
    [(folder,)] = connection.execute("SELECT current_setting('temp_directory')").fetchall()
    if folder != str(scratch):
        connection.execute(f"SET temp_directory = {quote_literal(str(scratch))}")
    return connection


def connect_reader(database_file: Path) -> duckdb.DuckDBPyConnection:
    """A connection for any question a reader may ask, and for nothing else.

    Read-only alone lets SQL read and write the host's files, so this one has no way out of the
    database either: no files, no extensions, no spilling to disk, bounded memory, and settings
    that cannot be changed back. Give it the real path of a release, not the `current` link.
    """
    return duckdb.connect(
        str(database_file),
        read_only=True,
        config={
            **_NO_EXTENSIONS,
            "enable_external_access": "false",
            "python_enable_replacements": "false",
            "temp_directory": "",
            "threads": str(os.cpu_count() or 1),
            "memory_limit": f"{memory_budget_bytes(READER_MEMORY_BYTES)}B",
            "lock_configuration": "true",
        },
    )


class OutOfBounds(Exception):
    """A question takes longer, or its answer more memory, than it may; the message says which and how much."""


@contextmanager
def bounded(connection: duckdb.DuckDBPyConnection, seconds: float | None = None) -> Iterator[None]:
    """Interrupt what the connection does inside when `seconds` are over, or when this process has grown too much.

    The process may grow by the engine's limit and ANSWER_BYTES. Raises OutOfBounds in place of the engine's error.
    """
    done, reasons = threading.Event(), []
    end = time.monotonic() + seconds if seconds is not None else None
    most = _resident_bytes() + memory_budget_bytes(READER_MEMORY_BYTES) + ANSWER_BYTES

    def watch() -> None:
        while not done.wait(_LOOK_EVERY_S):
            if end is not None and time.monotonic() > end:
                reasons.append(f"it was not answered within {seconds:g} seconds")
            elif _resident_bytes() > most:
                reasons.append(f"its answer is larger than {ANSWER_BYTES / GIB:g} GiB")
            if reasons:
                # again and again: an interrupt between two steps of a question is lost
                connection.interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except Exception as error:
        if reasons:
            raise OutOfBounds(reasons[0]) from error
        raise
    finally:
        done.set()
        watcher.join()


def _resident_bytes() -> int:
    """Memory that this process holds now; 0 where the system does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def quote_name(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """An SQL string."""
    return "'" + text.replace("'", "''") + "'"


def write_frame(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    """Create or replace `table` (an SQL name, already quoted) with the rows of a frame."""
    # A column of nothing but nulls has no type of its own; text is the only one that promises nothing.
    typed = frame.with_columns(pl.col(pl.Null).cast(pl.String))
    connection.register("incoming_frame", _ArrowStream(typed))
    try:
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM incoming_frame")
    finally:
        connection.unregister("incoming_frame")


class _ArrowStream:
    """Hands a frame to DuckDB as an Arrow stream; given the frame itself, it asks for pyarrow."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)
