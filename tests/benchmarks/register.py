"""Times a night on a register of a city's size against a bare DuckDB script that does the same loads and joins.

    python tests/benchmarks/register.py --companies 1500000 --repeats 3

Both run in turn on the same files, each in processes of its own, with their memory watched. Prints tables in Markdown: the
medians of the repeats, and ratios taken within this one run, because seconds of one machine say little on another. A night
begins in an empty home. `load` is the register alone, parsed by the house into Parquet. No test depends on a time.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from _measure import Watched, watch

HERE = Path(__file__).parent
COMMAND = str(Path(sys.executable).parent / "blue-ledger")
REGISTER = "demo_enterprise_register"
STAGE = re.compile(r"^  (\w+)\s+([\d.]+) s")
NIGHT = ("fetch", "take", "build", "audit", "publish")

Figures = dict[str, tuple[float, float, float]]  # stage: seconds, peak MB of the tree, peak MB of one process


def figures(watched: Watched) -> Figures:
    """A command's stages by the lines it printed as each ended, and the whole of it."""
    found = {"whole": _figure(watched, 0.0, watched.seconds), "cpu": (watched.cpu, 0.0, 0.0)}
    for at, line in watched.lines:
        if told := STAGE.match(line):
            found[told[1]] = _figure(watched, at - float(told[2]), at)
    return found


def _figure(watched: Watched, begin: float, end: float) -> tuple[float, float, float]:
    return end - begin, watched.peak(begin, end).tree / 1e6, watched.largest(begin, end) / 1e6


def load(home: Path) -> None:
    """The register of a home's landing parsed anew into a folder that is thrown away: what `take` does with it."""
    from ingest.landing import Landing
    from ingest.reference import Reference
    from ingest.snapshots import SnapshotStore
    from orchestration.settings import SEEDS, Settings
    from warehouse.home import Home

    settings = Settings.from_environment(home=Home.resolve(home))
    [source] = [source for source in settings.catalogue().sources if source.id == REGISTER]
    landing = Landing(settings.home.landing)
    with tempfile.TemporaryDirectory() as folder:
        raw, quarantine = Path(folder) / "raw", Path(folder) / "quarantine"
        store = SnapshotStore(raw, quarantine, landing, Reference(SEEDS), settings.corrections())
        began = datetime.now(UTC)
        snapshot = store.take(source, landing.receipts(source.id)[-1])
        print(
            f"  load     {(datetime.now(UTC) - began).total_seconds():>6.2f} s  {snapshot.rows:,} rows",
            flush=True,
        )


def medians(runs: list[Figures]) -> Figures:
    return {
        stage: tuple(statistics.median(run[stage][n] for run in runs) for n in range(3)) for stage in runs[0]
    }


def measure(demo: Path, folder: Path, repeats: int) -> dict[str, Figures]:
    """Night, register alone and bare script in turn, as often as asked; the medians of each."""
    # one place for every home: dbt reads its project anew for a build file that lies elsewhere
    home, out = folder / "home", folder / "bare"
    runs: dict[str, list[Figures]] = {"night": [], "load": [], "bare": []}
    for repeat in range(repeats):
        for leftover in (home, out):
            shutil.rmtree(leftover, ignore_errors=True)
        home.mkdir()
        (home / "demo").symlink_to(demo)
        runs["night"].append(figures(watch([COMMAND, "nightly", "--home", str(home)])))
        runs["night"][-1]["disk"] = (_disk_mb(home), 0.0, 0.0)
        runs["load"].append(figures(watch([sys.executable, __file__, "--load", str(home)])))
        bare = ["--register", str(demo / f"{REGISTER}.csv"), "--raw", str(home / "raw"), "--out", str(out)]
        runs["bare"].append(figures(watch([sys.executable, str(HERE / "bare.py"), *bare])))
        runs["bare"][-1]["disk"] = (_disk_mb(out), 0.0, 0.0)
        print(f"<!-- {repeat + 1} of {repeats}: {_spelled(runs)} -->", file=sys.stderr, flush=True)
    return {name: medians(several) for name, several in runs.items()}


def _disk_mb(folder: Path) -> float:
    """What a folder takes; the demo files that it is linked to are not in it."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*") if not path.is_symlink()) / 1e6


def _spelled(runs: dict[str, list[Figures]]) -> str:
    return "; ".join(
        f"{name} " + ", ".join(f"{stage} {several[-1][stage][0]:.1f}" for stage in several[-1])
        for name, several in runs.items()
    )


def report(found: dict[str, Figures], companies: str, repeats: int) -> str:
    night, register, bare = found["night"], found["load"], found["bare"]
    lines = ["| | s | peak MB, all processes | peak MB, the largest |", "|---|---|---|---|"]
    for name, of, stages in (
        ("night", night, NIGHT),
        ("register", register, ("load",)),
        ("bare", bare, ("load", "joins")),
    ):
        for stage in ("whole", *stages):
            seconds, tree, largest = of[stage]
            lines.append(f"| {name}, {stage} | {seconds:.1f} | {tree:,.0f} | {largest:,.0f} |")
        if "disk" in of:
            lines.append(
                f"| {name}: {of['cpu'][0]:.1f} s of processor time, {of['disk'][0]:,.0f} MB on disk | | | |"
            )
    ratios = {
        "the register's load / bare load": register["load"][0] / bare["load"][0],
        "take / bare load": night["take"][0] / bare["load"][0],
        "build / bare joins": night["build"][0] / bare["joins"][0],
        "build, audit and publish / bare joins": sum(night[s][0] for s in NIGHT[2:]) / bare["joins"][0],
        "the whole night / the whole bare script": night["whole"][0] / bare["whole"][0],
        "peak memory, night / bare": night["whole"][1] / bare["whole"][1],
        "processor time, night / bare": night["cpu"][0] / bare["cpu"][0],
    }
    lines += [
        "",
        "| ratio | |",
        "|---|---|",
        *(f"| {name} | {ratio:.2f} |" for name, ratio in ratios.items()),
    ]
    return "\n".join(
        [*lines, "", f"{companies} companies, {repeats} repeats, medians, {os.cpu_count()} cores"]
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, default=1_500_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--demo-dir", type=Path, help="files that `blue-ledger demo` made before; it makes its own else"
    )
    parser.add_argument("--load", type=Path, metavar="HOME", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.load:
        load(args.load)
        return
    with tempfile.TemporaryDirectory() as folder:
        demo = args.demo_dir
        if demo is None:
            demo = Path(folder) / "demo"
            watch([COMMAND, "demo", "--companies", str(args.companies), "--out", str(demo)])
        companies = f"{args.companies:,}" if args.demo_dir is None else f"{args.demo_dir.name}:"
        print(report(measure(demo.resolve(), Path(folder), args.repeats), companies, args.repeats))


if __name__ == "__main__":
    main()
