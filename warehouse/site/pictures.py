"""Charts of `warehouse.charts` as pictures that stand in a page. Few: each takes a tenth of a second of the night."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import polars as pl

from warehouse import charts, words
from warehouse.progress import UNITS, TargetProgress, percent
from warehouse.site.text import number
from warehouse.site.views import Ranking

if TYPE_CHECKING:
    import altair as alt

    from warehouse.site.facts import Facts, Row


class Picture:
    """A picture with the words that stand for it where it cannot be seen."""

    def __init__(self, chart: alt.TopLevelMixin, alternative: str) -> None:
        self.source = f"data:image/svg+xml;base64,{base64.b64encode(charts.svg(chart).encode()).decode()}"
        self.alternative = alternative


def prepare() -> None:
    """Draw anything: the first chart of a process takes a second, the others a tenth."""
    nothing = pl.DataFrame({"body_name_zh": ["-"], "rag": ["grey"], "tasks": [0]})
    charts.svg(charts.ledger(nothing, title="", demo=False))


def overview(lines: list[TargetProgress]) -> Picture | None:
    """The ratio of every target; None where no target has one."""
    known = [line for line in lines if line.ratio is not None]
    if not known:
        return None
    told = "; ".join(f"{line.target_id} {percent(line.ratio)}" for line in known)
    return Picture(charts.targets_overview(lines), f"目标进度比 progress ratios: {told}")


def ranking(facts: Facts, shown: Ranking, bounds: dict[str, Row]) -> Picture | None:
    """A ranking of the counties as bars, with bounds where they are given by area; None where nothing is known."""
    rows = [row for row in shown.rows.values() if row["compared_among"] == "county"]
    if not any(row["value"] is not None for row in rows):
        return None
    unit = UNITS.get(shown.unit or "", shown.unit or "")
    frame = pl.DataFrame(
        [
            {
                "name_zh": facts.areas[row["area_id"]]["name_zh"],
                "value": row["value"],
                "rank": row["rank"],
                "low": bounds.get(row["area_id"], {}).get("coverage_low_pct"),
                "high": bounds.get(row["area_id"], {}).get("coverage_high_pct"),
            }
            for row in rows
        ],
        schema={
            "name_zh": pl.String,
            "value": pl.Float64,
            "rank": pl.Int64,
            "low": pl.Float64,
            "high": pl.Float64,
        },
    )
    if not bounds:
        frame = frame.drop("low", "high")
    title = f"{shown.indicator['name_zh']} {shown.period}"
    told = "; ".join(f"{row['name_zh']} {number(row['value'])}" for row in frame.iter_rows(named=True))
    return Picture(
        charts.area_ranking(frame, title=title, unit_zh=unit, demo=shown.is_demo), f"{title}({unit}): {told}"
    )


def ledger(bodies: list[Row], period: str, demo: bool) -> Picture | None:
    """Tasks of the departments by colour."""
    rows = [
        {"body_name_zh": body["name"], "rag": code, "tasks": body["counts"][code]}
        for body in bodies
        for code in words.TASK_RAG
        if body["counts"][code]
    ]
    if not rows:
        return None
    title = f"市直部门任务 {period}"
    return Picture(
        charts.ledger(pl.DataFrame(rows), title=title, demo=demo),
        f"{title}: 各部门红黄绿灰项数,数字见下表 tasks of each department by colour; the figures are in the table",
    )
