"""Times what publishing does with the marts of a home's build file, by step, beside DuckDB's bare copy of the same tables.

    python tests/benchmarks/publishing.py --home HOME [--repeats 3]

Copies as tables and as Parquet, hashes of all rows, hashes of files with fsync and the swap of `current`: into a home of its
own, thrown away. The bare copy writes the tables into one file and nothing else.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration import marts, prepare
from warehouse import release
from warehouse.home import Home

STEPS = ("bare copy", "tables and Parquet", "hashes of rows", "hashes of files, fsync, swap")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True, help="a home after a night")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    build_file = Home.resolve(given.home).build_file
    times: dict[str, list[float]] = {step: [] for step in STEPS}

    @contextmanager
    def timed(step: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        times[step].append(time.perf_counter() - began)

    for _ in range(given.repeats):
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder) / "home").ensure()
            specs = marts.specs(prepare.manifest(home))
            with timed("bare copy"), duckdb.connect(f"{folder}/bare.duckdb") as connection:
                connection.execute(f"attach '{build_file}' as build (read_only)")
                for spec in specs:
                    connection.execute(f"create table {spec.name} as from build.{spec.schema}.{spec.name}")
            candidate = release.begin(home, release.new_release_id(home, datetime.now(UTC)))
            with timed("tables and Parquet"):
                rows = release.copy_marts(candidate, build_file, specs)
            with timed("hashes of rows"):
                release.contents(candidate)
            manifest = dict.fromkeys(release.REQUIRED_IN_MANIFEST, "benchmark")
            with timed("hashes of files, fsync, swap"):
                release.seal(candidate, manifest)
            # sealing hashes the rows once more
            times[STEPS[3]][-1] -= times[STEPS[2]][-1]
    print(f"{sum(rows.values()):,} rows in {len(rows)} marts, medians of {given.repeats}\n")
    print("| step | s | ratio to the bare copy |")
    print("|---|---|---|")
    bare = statistics.median(times["bare copy"])
    for step, several in times.items():
        print(f"| {step} | {statistics.median(several):.2f} | {statistics.median(several) / bare:.2f} |")


if __name__ == "__main__":
    main()
