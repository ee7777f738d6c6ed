"""Times a mirror of a release in PostgreSQL against psql's bare COPY of the same rows from CSV files.

    python tests/benchmarks/mirror.py --companies 1500000 --repeats 3
    python tests/benchmarks/mirror.py --home FOLDER            # a home after a night, instead

Without --home the release is synthetic: the marts of a home's release (--like), with the rows of dim_enterprise repeated
under new codes. Both ways load in turn into the same server, which this starts (fsync off); each in a process of its own,
with its memory watched. `bare` makes the tables, copies and commits: no keys, indexes, comments, statistics, counts or swap,
and its CSV files lie ready. No test depends on a time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
from _measure import Watched, watch

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))  # also where the package is not installed

from tests.clients import conftest as servers  # noqa: E402
from warehouse import postgres, release  # noqa: E402
from warehouse.home import Home  # noqa: E402
from warehouse.release import ColumnSpec, MartSpec, Release  # noqa: E402


def synthetic(like: Release, home: Home, companies: int) -> Release:
    """A sealed release with the same marts, and as many rows of enterprises as asked."""
    home.ensure()
    with duckdb.connect(str(home.build_file)) as build:
        build.execute(f"attach '{like.database}' as whole (read_only)")
        build.execute("create schema marts")
        specs = []
        for name in like.manifest["marts"]:
            source, values = f"whole.main.{name}", "*"
            if name == "dim_enterprise":
                [(rows,)] = build.execute(f"select count(*) from {source}").fetchall()
                source = f"(from {source}, range({companies // rows + 1}) as copies(copy) limit {companies})"
                code = "left(uscc, 2) || lpad(cast(row_number() over () as varchar), 16, '0')"
                values = f"* exclude (copy) replace ({code} as uscc)"
            build.execute(f"create table marts.{name} as select {values} from {source}")
            key = build.execute(
                "select column_name from whole.meta.columns where table_name = ? and is_key order by position",
                [name],
            ).fetchall()
            comments = build.execute(
                "select column_name, comment from duckdb_columns() where database_name = 'whole' and table_name = ?"
                " and schema_name = 'main' order by column_index",
                [name],
            ).fetchall()
            columns = tuple(ColumnSpec(column, None, comment or "") for column, comment in comments)
            specs.append(MartSpec(name, tuple(column for (column,) in key), name, "", columns))
        meta = {name: pl.DataFrame(build.sql(f"from whole.meta.{name}")) for name in ("release", "sources")}
    candidate = release.begin(home, release.new_release_id(home, datetime.now(UTC)))
    release.copy_marts(candidate, home.build_file, specs)
    release.write_meta(candidate, meta)
    kept = {name: like.manifest[name] for name in release.REQUIRED_IN_MANIFEST}
    return release.seal(candidate, kept)


def bare(found: Release, folder: Path) -> Path:
    """A script for psql: the same tables, filled from CSV files that lie ready, in one transaction."""
    lines = ["\\set ON_ERROR_STOP 1", "begin;", "drop schema if exists bare cascade;", "create schema bare;"]
    with duckdb.connect(str(found.database), read_only=True) as source:
        for name in found.manifest["marts"]:
            file = folder / f"{name}.csv"
            source.execute(
                f"copy main.{name} to '{file}' (format csv, header false, nullstr '\\N', force_quote *)"
            )
            described = source.execute(f"describe main.{name}").fetchall()
            columns = ", ".join(f'"{column}" {postgres._TYPES[kind]}' for column, kind, *_ in described)
            lines.append(f"create table bare.{name} ({columns});")
            lines.append(f"\\copy bare.{name} from '{file}' (format csv, null '\\N')")
    script = folder / "bare.sql"
    script.write_text("\n".join([*lines, "commit;"]) + "\n", encoding="utf-8")
    return script


def _size(address: str, schema: str) -> float:
    import psycopg

    with psycopg.connect(address) as connection:
        [(size,)] = connection.execute(
            "select sum(pg_total_relation_size(oid)) from pg_class where relnamespace = %s::regnamespace and relkind = 'r'",
            [schema],
        ).fetchall()
    return float(size) / 1e6


def measure(found: Release, home: Home, address: str, folder: Path, repeats: int) -> str:
    script = bare(found, folder)
    command = [sys.executable, "-m", "orchestration.cli", "publish", "postgres", "--dsn-env", "LEDGER_MIRROR"]
    command += ["--home", str(home.root), "--force"]
    env = dict(os.environ, LEDGER_MIRROR=address, PYTHONPATH=str(PROJECT))
    runs: dict[str, list[Watched]] = {"mirror": [], "bare": []}
    for repeat in range(repeats):
        runs["mirror"].append(watch(command, env))
        runs["bare"].append(watch(["psql", "-q", "-f", str(script), address], env))
        told = ", ".join(f"{name} {several[-1].seconds:.1f} s" for name, several in runs.items())
        print(f"<!-- {repeat + 1} of {repeats}: {told} -->", file=sys.stderr, flush=True)
    median = {name: statistics.median(run.seconds for run in several) for name, several in runs.items()}
    peak = {name: max(run.peak().tree for run in several) / 1e6 for name, several in runs.items()}
    rows = sum(mart["rows"] for mart in found.manifest["marts"].values())
    return "\n".join(
        [
            "| | s | rows/s | peak MB of the client |",
            "|---|---|---|---|",
            *(
                f"| {name} | {median[name]:.1f} | {rows / median[name]:,.0f} | {peak[name]:,.0f} |"
                for name in runs
            ),
            "",
            f"mirror / bare: {median['mirror'] / median['bare']:.2f}. {rows:,} rows, {repeats} repeats, medians,"
            f" {os.cpu_count()} cores; {found.database.stat().st_size / 1e6:,.0f} MB as DuckDB,"
            f" {_size(address, 'blue_ledger'):,.0f} MB in PostgreSQL with indexes, {_size(address, 'bare'):,.0f} MB bare.",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, default=1_500_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--home", type=Path, help="mirror the release of this home as it is")
    parser.add_argument("--like", type=Path, default=Path("data"), help="home whose release is enlarged")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.home:
            home = Home(args.home.absolute())
            found = release.current_release(home)
        else:
            home = Home(folder / "home")
            found = synthetic(release.current_release(Home(args.like.absolute())), home, args.companies)
        (folder / "csv").mkdir()
        with servers.postgres_server() as server:
            print(measure(found, home, server.address, folder / "csv", args.repeats))


if __name__ == "__main__":
    main()
