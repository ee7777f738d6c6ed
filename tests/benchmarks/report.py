"""Puts what the benchmarks printed where docs/performance.md has a place for it, and draws the chart. Measures nothing.

    python tests/benchmarks/report.py

A benchmark's output lies in build/bench/NAME.md; the document has `<!-- bench:NAME -->` and `<!-- /bench -->` around its
place. What stands between is replaced, all else is written by people and stays. Each table says where it was made.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from datetime import date
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PRINTED = PROJECT / "build" / "bench"
DOCUMENT = PROJECT / "docs" / "performance.md"
CHART = PROJECT / "docs" / "images" / "night_by_stage.svg"
PLACE = re.compile(r"(<!-- bench:(\w+) -->\n).*?(<!-- /bench -->)", re.S)
STAGE_ROW = re.compile(r"^\| ([a-z ]+) \| ([\d.]+) \|((?: [\d.—]+ \|){5})", re.M)
STAGES = ("fetch", "take", "build", "audit", "publish")


def filled(document: str, printed: dict[str, str]) -> str:
    """The document with each benchmark's output in its place; a place without new output keeps what it has.

    Raises:
        LookupError: a benchmark has no place.
    """
    if homeless := sorted(set(printed) - {name for _, name, _ in PLACE.findall(document)}):
        raise LookupError(f"docs/performance.md has no place for {', '.join(homeless)}")
    return PLACE.sub(
        lambda place: (
            f"{place[1]}{printed[place[2]].strip()}\n{place[3]}" if place[2] in printed else place[0]
        ),
        document,
    )


def stages(night: str) -> list[dict[str, object]]:
    """Seconds of every stage of every kind of night, the rest of the whole as `start and end`; from night.py's table."""
    rows = []
    for kind, whole, cells in STAGE_ROW.findall(night):
        seconds = [0.0 if cell == "—" else float(cell) for cell in cells.replace("|", " ").split()]
        named = dict(zip(STAGES, seconds, strict=True))
        named["start and end"] = round(float(whole) - sum(seconds), 1)
        rows += [{"night": kind, "stage": stage, "seconds": took} for stage, took in named.items()]
    return rows


def draw(rows: list[dict[str, object]], file: Path) -> None:
    """Stacked bars, one per kind of night."""
    import altair as alt

    order = [*STAGES, "start and end"]
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("seconds:Q", title="seconds").stack("zero"),
            y=alt.Y("night:N", title=None, sort=None),
            color=alt.Color("stage:N", sort=order, title=None).scale(scheme="tableau10"),
            order=alt.Order("nth:Q"),
        )
        .transform_calculate(nth=f"indexof({order!r}, datum.stage)")
        .properties(width=560, height=alt.Step(34))
    )
    chart.save(file)


def machine() -> str:
    day, python = date.today().isoformat(), platform.python_version()
    return f"Made on {day}: {os.cpu_count()} cores, {platform.machine()}, Python {python}."


def main() -> int:
    printed = {
        file.stem: f"{file.read_text(encoding='utf-8').strip()}\n\n{machine()}"
        for file in sorted(PRINTED.glob("*.md"))
    }
    if not printed:
        print(f"no benchmark has printed anything into {PRINTED}", file=sys.stderr)
        return 1
    DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8"), printed), encoding="utf-8")
    if rows := stages(printed.get("night", "")):
        draw(rows, CHART)
    return 0


if __name__ == "__main__":
    sys.exit(main())
