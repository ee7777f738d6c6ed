"""Times the night: cold, with one source changed, with nothing changed; and what importing the libraries alone costs.

`make bench` prints a table in Markdown. Each figure is the median of the repeats; ratios are taken within one run of this
script, because seconds of one machine say little on another. No test depends on a time.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
COMMAND = [str(Path(sys.executable).parent / "blue-ledger"), "nightly"]
STAGE = re.compile(r"^  (\w+)\s+([\d.]+) s", re.MULTILINE)
STAGES = ("fetch", "take", "build", "audit", "publish")
FLOORS = {
    "import dagster": "import dagster",
    "import dbt": "import dbt.cli.main",
    "import great_expectations": "import great_expectations",
}


def run(home: Path, catalogue: Path) -> dict[str, float]:
    """Seconds of one night, whole and by stage."""
    began = time.perf_counter()
    done = subprocess.run(
        [*COMMAND, "--home", str(home), "--sources", str(catalogue)],
        capture_output=True,
        text=True,
        env=os.environ,
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return {"whole": seconds} | {name: float(text) for name, text in STAGE.findall(done.stdout)}


def floor(statement: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    nights: dict[str, list[dict[str, float]]] = {"cold": [], "one source changed": [], "nothing changed": []}
    floors: dict[str, list[float]] = {name: [] for name in FLOORS}
    with tempfile.TemporaryDirectory() as folder:
        bundled = Path(folder) / "catalogue"
        shutil.copytree(PROJECT / "ingest" / "bundled", bundled / "bundled")
        shutil.copy(PROJECT / "ingest" / "sources.yml", bundled)
        changed = bundled / "bundled" / "statistics" / "county_gdp_other.csv"
        # one place for every home: dbt reads its project anew for a build file that lies elsewhere
        home = Path(folder) / "home"
        run(home, bundled / "sources.yml")  # dbt's manifest and byte code are made once
        for _ in range(repeats):
            shutil.rmtree(home)
            nights["cold"].append(run(home, bundled / "sources.yml"))
            nights["nothing changed"].append(run(home, bundled / "sources.yml"))
            changed.write_text(changed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
            nights["one source changed"].append(run(home, bundled / "sources.yml"))
            for name, statement in FLOORS.items():
                floors[name].append(floor(statement))

    imports = sum(statistics.median(times) for times in floors.values())
    print(f"| night | whole, s | {' | '.join(STAGES)} | ratio to the imports alone |")
    print("|---" * (len(STAGES) + 3) + "|")
    for name, runs in nights.items():
        median = {key: statistics.median(one.get(key, 0.0) for one in runs) for key in ("whole", *STAGES)}
        stages = " | ".join(f"{median[stage]:.1f}" if median[stage] else "—" for stage in STAGES)
        print(f"| {name} | {median['whole']:.1f} | {stages} | {median['whole'] / imports:.2f} |")
    print()
    for name, times in floors.items():
        print(f"- {name}: {statistics.median(times):.1f} s")
    print(f"- imports one after another: {imports:.1f} s; {repeats} repeats, medians, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
