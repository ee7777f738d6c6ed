"""Times every question that site, workbook, bulletin and dashboard put to a release: each many times, the middle and the 95th.

    python tests/benchmarks/queries.py --home HOME [--repeats 20]

The questions are not written here: the papers are made once under a watching connection, and what they asked is asked again.
Of the dashboard it is each of its datasets, as Superset wraps them, a thousand rows of it.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from warehouse import bulletin, engine, papers, reader, site, workbook
from warehouse.bi import bundle
from warehouse.home import Home
from warehouse.release import Release, current_release
from warehouse.site import facts


class Watching:
    """A reader's connection that notes what is asked of it."""

    def __init__(self, connection: Any, asked: dict[str, None]) -> None:
        self._connection, self._asked = connection, asked

    def execute(self, sql: str, *rest: Any) -> Any:
        if not rest:  # with parameters it is the reader's own look at the statement
            self._asked[sql] = None
        return self._connection.execute(sql, *rest)

    def sql(self, sql: str) -> Any:
        self._asked[sql] = None
        return self._connection.sql(sql)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def asked_by(make: Callable[[], object]) -> list[str]:
    """Every different question that `make` puts to a release."""
    asked: dict[str, None] = {}
    places = [module for module in (reader, facts) if hasattr(module, "connect_reader")]
    for module in places:
        module.connect_reader = lambda file: Watching(engine.connect_reader(file), asked)
    try:
        make()
    finally:
        for module in places:
            module.connect_reader = engine.connect_reader
    return list(asked)


def dashboard(release: Release, home: Home) -> list[str]:
    """One question per dataset of the dashboard's bundle."""
    with zipfile.ZipFile(io.BytesIO(bundle.make(release, home))) as packed:
        datasets = [yaml.safe_load(packed.read(name)) for name in packed.namelist() if "/datasets/" in name]
    return [
        f"select * from ({one.get('sql') or 'from ' + one['table_name']}) as virtual_table limit 1000"
        for one in datasets
    ]


def milliseconds(release: Release, sql: str, repeats: int) -> list[float]:
    """Each from the question to its last row, on one connection, the first one left out."""
    times = []
    with engine.connect_reader(release.database) as connection:
        for _ in range(repeats + 1):
            began = time.perf_counter()
            connection.execute(sql).fetchall()
            times.append((time.perf_counter() - began) * 1000)
    return times[1:]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True, help="a home with a release")
    parser.add_argument("--repeats", type=int, default=20)
    given = parser.parse_args()
    home = Home.resolve(given.home)
    release = current_release(home)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        questions = {
            "site": asked_by(lambda: site.build(release, made / "site")),
            "workbook": asked_by(lambda: workbook.write_workbook(release, made / "book.xlsx")),
            "bulletin": asked_by(
                lambda: bulletin.write_bulletin(
                    release, papers.parse_month("2026-10"), made / "bulletin.docx"
                )
            ),
            "dashboard": dashboard(release, home),
        }
    firms = release.manifest["marts"]["dim_enterprise"]["rows"]
    print(f"{firms:,} firms in the release, {given.repeats} repeats of each question, milliseconds\n")
    print("| asked by | questions | median | p95 of all | the slowest: p95 | which |")
    print("|---|---|---|---|---|---|")
    for paper, several in questions.items():
        times = {sql: milliseconds(release, sql, given.repeats) for sql in several}
        every = [one for some in times.values() for one in some]
        worst, slow = max(((_p95(some), sql) for sql, some in times.items()))
        print(
            f"| {paper} | {len(several)} | {statistics.median(every):.1f} | {_p95(every):.1f} | {worst:.1f} "
            f"| `{' '.join(slow.split())[:90].replace('|', chr(92) + '|')}` |"
        )


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
