"""Monthly returns of the responsible bodies on the plan's tasks. Status and colours are judged elsewhere."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from ingest.demo.pools import Plan
from ingest.ledger import COLLECTIVES, UNNAMED

COLUMNS = (
    "行编号", "填报单位", "月份", "计划进度(%)", "完成进度(%)", "完成时限", "填报日期", "佐证材料", "备注", "数据性质",
)  # fmt: skip
MONTHS = 6
MISSING_SHARE = 0.08
LATE_SHARE = 0.07
REMARKS = (
    None,
    None,
    None,
    None,
    "正常推进",
    "按计划推进",
    "已报市政府",
    "受项目审批影响,进度稍慢",
    "资料待补",
)


def write_returns(path: Path, plan: Plan, seed: int, reference_date: date) -> int:
    """One row per task, responsible body and month, as CSV (UTF-8); returns the number of rows."""
    rng = np.random.default_rng([seed, 40])
    links = _links(plan)
    base = {task: float(rng.uniform(20, 55)) for task, _, _ in links}
    pace = {task: float(rng.uniform(3, 8)) for task, _, _ in links}
    skill = {(task, body): float(rng.normal(1.0, 0.12)) for task, body, _ in links}
    missing = np.zeros((MONTHS, len(links)), dtype=bool)
    missing.flat[rng.choice(missing.size, round(MISSING_SHARE * missing.size), replace=False)] = True
    rows = []
    for number, month in enumerate(months_before(reference_date)):
        for position, (task, body, name) in enumerate(links):
            planned = round(base[task] + pace[task] * (number + 1))
            reported = min(100, max(0, round(planned * skill[task, body] + rng.normal(0, 2))))
            late = rng.random() < LATE_SHARE
            filed = month + timedelta(days=int(rng.integers(2, 12)) if late else -int(rng.integers(0, 6)))
            remark = REMARKS[int(rng.integers(len(REMARKS)))]
            if not missing[number, position]:
                rows.append(
                    (
                        f"{body}-{task}", name, f"{month:%Y-%m}", str(min(planned, 100)), str(reported),
                        None, min(filed, reference_date).isoformat(), None, remark, "演示",
                    )
                )  # fmt: skip
    frame = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    path.write_bytes(frame.write_csv(line_terminator="\r\n", quote_style="necessary").encode("utf-8"))
    return frame.height


def _links(plan: Plan) -> list[tuple[str, str, str]]:
    """Task, body and its name; counties, and the zones that the plan names, stand for the collective bodies."""
    names = {row["dept_id"]: row["short_name_zh"] for row in plan.departments}
    named = {row["area_id"] for row in plan.area_industries}
    found = []
    for row in plan.task_departments:
        task, dept = row["task_id"], row["dept_id"]
        if dept == UNNAMED:
            continue
        level = COLLECTIVES.get(dept)
        areas = [area for area in plan.areas if area["area_level"] == level and area["area_id"] in named]
        found += (
            [(task, area["area_id"], area["name_zh"]) for area in areas]
            if level
            else [(task, dept, names[dept])]
        )
    return found


def months_before(reference_date: date) -> list[date]:
    """Last days of the six months that had ended by the reference date, oldest first."""
    ends: list[date] = []
    day = reference_date + timedelta(days=1)
    while len(ends) < MONTHS:
        day = day.replace(day=1) - timedelta(days=1)
        ends.insert(0, day)
    return ends
