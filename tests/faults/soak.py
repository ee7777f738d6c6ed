"""Readers under writers: processes and threads that never stop asking while releases are swapped and old ones removed.

    python -m tests.faults.soak --readers 16 --swaps 100

Every release bears its number in every row of every table, of every Parquet file and in its manifest. A read resolves
`current` once and asks all of them: two numbers in one read are a torn read; a number below that of a swap which had ended
before the read began is a stale one. A swap waits until every reader has read again: each reader meets each release.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from warehouse import release as releases
from warehouse.engine import connect_reader
from warehouse.home import Home
from warehouse.release import ColumnSpec, MartSpec

FIRST = datetime(2026, 1, 1, 2, tzinfo=UTC)
# by the clock in the releases' ids: retention's grace of a day is three swaps
BETWEEN = timedelta(hours=8)
MARTS = tuple(
    MartSpec(
        name, ("row_id",), name, name,
        (ColumnSpec("row_id", "bigint"), ColumnSpec("number", "integer"), ColumnSpec("filler", "varchar")),
    )
    for name in ("plan_progress", "marine_gdp_share", "task_ledger")
)  # fmt: skip
ROWS = 500
_ASKED = " union all ".join(f"select count(*), min(number), max(number) from {mart.name}" for mart in MARTS)


@dataclass
class Result:
    """What all readers of a soak did. torn, stale and errors hold the first few in words; the counts are of all."""

    readers: int
    swaps: int
    seconds: float = 0.0
    removed: int = 0  # old releases that retention took away meanwhile
    queries: Counter = field(default_factory=Counter)  # by kind of reader
    faults: Counter = field(default_factory=Counter)  # error, torn, stale
    told: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.faults.total()


# ── the writer ─────────────────────────────────────────────────────────────────────────────────────────────────────


def publish(home: Home, number: int) -> releases.Release:
    """A release that bears its number everywhere, dated so many times BETWEEN after the first."""
    with duckdb.connect(str(home.build_file)) as connection:
        connection.execute("create schema if not exists marts")
        for mart in MARTS:
            connection.execute(
                f"create or replace table marts.{mart.name} as select i as row_id, {number}::integer as number,"
                f" repeat(md5(i::varchar || '{number}'), 4) as filler from range({ROWS}) as t (i)"
            )
    candidate = releases.begin(home, (FIRST + number * BETWEEN).strftime("%Y%m%dT%H%M%SZ"))
    releases.copy_marts(candidate, home.build_file, MARTS)
    releases.write_meta(candidate, {"release": pl.DataFrame({"number": [number]})})
    return releases.seal(
        candidate, {"built_at": "", "code_version": "", "inputs": [], "checks": {}, "number": number}
    )


# ── readers ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _numbers(rows: list[tuple]) -> set[object]:
    return {
        number
        for count, least, most in rows
        for number in (least, most, *(["rows"] if count != ROWS else []))
    }


def by_duckdb(release: releases.Release) -> set[object]:
    with connect_reader(release.database) as connection:
        return _numbers(connection.execute(_ASKED).fetchall()) | {
            number for (number,) in connection.execute("select number from meta.release").fetchall()
        }


def by_sqlalchemy(release: releases.Release) -> set[object]:
    import sqlalchemy

    engine = sqlalchemy.create_engine(
        f"duckdb:///{release.database}",
        poolclass=sqlalchemy.pool.NullPool,
        connect_args={"read_only": True},
    )
    found: set[object] = set()
    for mart in MARTS:  # a connection each, as a dashboard asks for its charts
        with engine.connect() as connection:
            asked = sqlalchemy.text(f"select count(*), min(number), max(number) from {mart.name}")
            found |= _numbers([tuple(row) for row in connection.execute(asked)])
    return found


def by_polars(release: releases.Release) -> set[object]:
    found: set[object] = set()
    for mart in MARTS:
        frame = pl.read_parquet(release.parquet / f"{mart.name}.parquet")
        found |= _numbers([(frame.height, frame["number"].min(), frame["number"].max())])
    return found


def by_duckdb_on_parquet(release: releases.Release) -> set[object]:
    with closing(duckdb.connect()) as connection:
        rows = [
            connection.execute(
                "select count(*), min(number), max(number) from read_parquet(?)",
                [str(release.parquet / f"{mart.name}.parquet")],
            ).fetchone()
            for mart in MARTS
        ]
        return _numbers(rows)


KINDS = (by_duckdb, by_sqlalchemy, by_polars, by_duckdb_on_parquet)


def _read_on(home: Home, reader: int, kind, swapped, stop, reads, told) -> None:
    """One reader, until it is told to stop: a read after the other, and now and then one on a connection kept open."""
    counts: Counter = Counter()
    kept, kept_number = None, None
    while not stop.is_set():
        at_least = swapped.value
        try:
            release = releases.current_release(home)
            found = kind(release) | {release.manifest["number"]}
            counts[f"queries {kind.__name__}"] += 1
            if len(found) > 1:
                counts["torn"] += 1
                told.put(f"{kind.__name__} read {found} in {release.id}")
            elif max(found) < at_least:
                counts["stale"] += 1
                told.put(f"{kind.__name__} read {found} after swap {at_least}")
            if kind is by_duckdb:  # an analyst who stays on a release while others come and older ones go
                if kept is None:
                    kept, kept_number = connect_reader(release.database), release.manifest["number"]
                elif (seen := _numbers(kept.execute(_ASKED).fetchall())) != {kept_number}:
                    counts["torn"] += 1
                    told.put(f"a connection kept open on {kept_number} read {seen}")
                counts["queries on a connection kept open"] += 1
                if release.manifest["number"] > kept_number + 8:
                    kept.close()
                    kept = None
        except Exception as error:
            counts["error"] += 1
            told.put(f"{kind.__name__}: {type(error).__name__}: {error}")
        with reads.get_lock():
            reads[reader] += 1
        time.sleep(0.01)  # so that the quick kinds do not keep the slow ones from reading
    told.put(dict(counts))


def _reading_process(root: Path, numbers: list[int], kind, swapped, stop, reads, told) -> None:
    threads = [
        threading.Thread(target=_read_on, args=[Home(root), n, kind, swapped, stop, reads, told])
        for n in numbers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def run(home: Home, readers: int, swaps: int, threads: int = 2) -> Result:
    """Swap so many times under so many readers; every reader reads at least once between two swaps.

    threads: readers in one process, all of one kind, since DuckDB wants a file opened in one way only in a process.
    """
    context = multiprocessing.get_context("spawn")
    swapped, stop, told = context.Value("i", 0), context.Event(), context.Queue()
    reads = context.Array("q", readers)
    result = Result(readers, swaps)
    publish(home.ensure(), 0)
    began = time.monotonic()
    processes = [
        context.Process(
            target=_reading_process,
            args=[
                home.root,
                list(range(first, min(first + threads, readers))),
                KINDS[first // threads % len(KINDS)],
                swapped,
                stop,
                reads,
                told,
            ],
        )
        for first in range(0, readers, threads)
    ]
    for process in processes:
        process.start()
    try:
        for number in range(1, swaps + 1):
            _wait_for_all(reads, processes)
            publish(home, number)
            swapped.value = number
            result.removed += len(
                releases.retain(home, nights=1, now=FIRST + number * BETWEEN + timedelta(minutes=1))
            )
        _wait_for_all(reads, processes)
    finally:
        stop.set()
        result.seconds = time.monotonic() - began
        ended = 0
        while ended < readers:
            if isinstance(said := told.get(timeout=120), dict):
                ended += 1
                for name, count in said.items():
                    which = result.queries if name.startswith("queries") else result.faults
                    which[name.removeprefix("queries ")] += count
            else:
                result.told = [*result.told, said][:20]
        for process in processes:
            process.join()
    return result


def _wait_for_all(reads, processes) -> None:
    """Until every reader has begun and ended another read."""
    before = list(reads)
    while not all(now >= then + 2 for now, then in zip(reads, before, strict=True)):
        if not all(process.is_alive() for process in processes):
            raise RuntimeError("a reading process died")
        time.sleep(0.005)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--readers", type=int, default=16)
    parser.add_argument("--swaps", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak_") as folder:
        result = run(Home(Path(folder)), given.readers, given.swaps)
    if given.json:
        print(json.dumps(asdict(result)))
    else:
        print(f"{given.readers} readers, {given.swaps} swaps, {result.seconds:.0f} s")
        for kind, count in sorted(result.queries.items()):
            print(f"  {count:>8,} reads {kind}")
        print(f"  {result.queries.total():>8,} in all; old releases removed meanwhile: {result.removed}")
        print(
            f"errors {result.faults['error']}, torn {result.faults['torn']}, stale {result.faults['stale']}"
        )
        for text in result.told:
            print(f"  {text}", file=sys.stderr)
    return 0 if result.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
