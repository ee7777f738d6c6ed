"""Times the readers against the bare engines on the same files: an enterprise register of a million rows as GB18030
CSV, and one of 200,000 rows as xlsx.

    python tests/benchmarks/readers.py --repeats 3

Prints tables in Markdown: rows per second and peak memory, each run in a process of its own, the median of the
repeats; the ratio is the time of ours over that of the engine. The bare engines read CSV after the file was decoded
(DuckDB from a UTF-8 file, its decoding included), for neither reads GB18030 by itself. No test depends on a time.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import xlsxwriter

CSV_ROWS, XLSX_ROWS = 1_000_000, 200_000
HEADER = (
    "统一社会信用代码",
    "企业名称",
    "县市区",
    "行业代码",
    "行业",
    "成立日期",
    "注册资本(万元)",
    "从业人数",
)
AREAS = (
    "奎文区",
    "潍城区",
    "寒亭区",
    "坊子区",
    "青州市",
    "诸城市",
    "寿光市",
    "安丘市",
    "高密市",
    "昌邑市",
    "临朐县",
)
TRADES = ("海洋化工", "海水养殖", "船用动力", "海洋药物", "风电装备", "盐及盐化工")


def register(rows: int, seed: int = 1):
    """Rows of an enterprise register, text and numbers."""
    rng = random.Random(seed)
    for number in range(rows):
        trade = rng.choice(TRADES)
        yield (
            f"91370700MA{number:08d}",
            f"潍坊{rng.choice('滨海蓝色渤润')}{rng.choice('源泰盛达鑫')}{trade}第{number}有限公司",
            rng.choice(AREAS),
            str(rng.randint(1000, 9999)),
            trade,
            f"{rng.randint(1990, 2024)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
            round(rng.uniform(10, 90_000), 2),
            rng.randint(1, 5_000),
        )


def write_csv(path: Path, rows: int) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        file.write(",".join(HEADER) + "\n")
        file.writelines(",".join(map(str, row)) + "\n" for row in register(rows))


def write_xlsx(path: Path, rows: int) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": False}) as book:
        sheet = book.add_worksheet("名录")
        sheet.write_row(0, 0, HEADER)
        for number, row in enumerate(register(rows), start=1):
            sheet.write_row(number, 0, row)


def csv_ours(path: Path) -> int:
    from ingest.readers import read

    return read(path.read_bytes(), path.name, "csv")[0].frame.height - 1


def csv_polars(path: Path) -> int:
    import polars as pl

    utf8 = path.read_bytes().decode("gb18030").encode()
    return pl.read_csv(utf8, infer_schema=False, encoding="utf8-lossy").height


def csv_duckdb(path: Path) -> int:
    import duckdb

    with tempfile.NamedTemporaryFile(suffix=".csv") as utf8:
        utf8.write(path.read_bytes().decode("gb18030").encode())
        utf8.flush()
        connection = duckdb.connect()
        connection.execute(
            f"create table t as from read_csv('{utf8.name}', all_varchar = true, header = true)"
        )
        return connection.execute("select count(*) from t").fetchone()[0]


def xlsx_ours(path: Path) -> int:
    from ingest.readers import read

    return read(path.read_bytes(), path.name, "workbook")[0].frame.height - 1


def xlsx_calamine(path: Path) -> int:
    from python_calamine import CalamineWorkbook

    return len(CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()) - 1


def xlsx_calamine_polars(path: Path) -> int:
    """Calamine, and a frame of text made of it as plainly as it goes."""
    import polars as pl
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return pl.DataFrame([[str(cell) for cell in row] for row in rows], orient="row").height - 1


READINGS: dict[str, dict[str, Callable[[Path], int]]] = {
    "CSV": {"ours": csv_ours, "polars": csv_polars, "DuckDB": csv_duckdb},
    "xlsx": {
        "ours": xlsx_ours,
        "calamine": xlsx_calamine,
        "calamine to text in polars": xlsx_calamine_polars,
    },
}


def measure(kind: str, engine: str, path: Path) -> tuple[float, float, int]:
    """Seconds, peak memory in MB and rows of one reading in a process of its own; imports are not counted."""
    done = subprocess.run(
        [sys.executable, __file__, "--read", kind, engine, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, megabytes, rows = done.stdout.split()
    return float(seconds), float(megabytes), int(rows)


def read_once(kind: str, engine: str, path: Path) -> None:
    import duckdb  # noqa: F401
    import polars  # noqa: F401
    import python_calamine  # noqa: F401

    import ingest.readers.delimited
    import ingest.readers.workbook  # noqa: F401

    began = time.perf_counter()
    rows = READINGS[kind][engine](path)
    seconds = time.perf_counter() - began
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rows)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--csv-rows", type=int, default=CSV_ROWS)
    parser.add_argument("--xlsx-rows", type=int, default=XLSX_ROWS)
    parser.add_argument("--read", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        kind, engine, path = options.read
        return read_once(kind, engine, Path(path))
    with tempfile.TemporaryDirectory() as folder:
        for kind, rows, write in (
            ("CSV", options.csv_rows, write_csv),
            ("xlsx", options.xlsx_rows, write_xlsx),
        ):
            path = Path(folder) / f"register.{kind.lower()}"
            write(path, rows)
            print(f"\n{kind}: {rows:,} rows × {len(HEADER)} columns, {path.stat().st_size / 1e6:.0f} MB\n")
            print("| reader | seconds | rows/s | peak memory, MB | ours / this |\n|---|---|---|---|---|")
            taken: dict[str, list[tuple[float, float, int]]] = {engine: [] for engine in READINGS[kind]}
            for _ in range(options.repeats):
                for engine in taken:  # in turn, so that a busy minute hits all of them
                    taken[engine].append(measure(kind, engine, path))
            ours = statistics.median(seconds for seconds, _, _ in taken["ours"])
            for engine, runs in taken.items():
                assert {found for _, _, found in runs} == {rows}
                seconds = statistics.median(run[0] for run in runs)
                memory = max(run[1] for run in runs)
                print(
                    f"| {engine} | {seconds:.2f} | {rows / seconds:,.0f} | {memory:.0f} | {ours / seconds:.2f} |"
                )


if __name__ == "__main__":
    main()
