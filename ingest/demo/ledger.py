"""Monthly returns of the responsible bodies on the plan's tasks. Status and colours are judged elsewhere."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from ingest.demo.pools import Plan

COLUMNS = (
    "填报单位", "部门代码", "任务编号", "月份", "计划进度(%)", "完成进度(%)", "填报日期", "备注", "数据性质",
)  # fmt: skip
MONTHS = 6
MISSING_SHARE = 0.08
LATE_SHARE = 0.07
# a body the plan does not name cannot file a return
UNNAMED_BODY = "G03"
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
    bodies = {row["dept_id"]: row["short_name_zh"] for row in plan.departments}
    links = [
        (row["task_id"], row["dept_id"]) for row in plan.task_departments if row["dept_id"] != UNNAMED_BODY
    ]
    base = {task: float(rng.uniform(20, 55)) for task, _ in links}
    pace = {task: float(rng.uniform(3, 8)) for task, _ in links}
    skill = {link: float(rng.normal(1.0, 0.12)) for link in links}
    missing = np.zeros((MONTHS, len(links)), dtype=bool)
    missing.flat[rng.choice(missing.size, round(MISSING_SHARE * missing.size), replace=False)] = True
    rows = []
    for number, month in enumerate(months_before(reference_date)):
        for position, (task, body) in enumerate(links):
            planned = round(base[task] + pace[task] * (number + 1))
            reported = min(100, max(0, round(planned * skill[task, body] + rng.normal(0, 2))))
            late = rng.random() < LATE_SHARE
            filed = month + timedelta(days=int(rng.integers(2, 12)) if late else -int(rng.integers(0, 6)))
            remark = REMARKS[int(rng.integers(len(REMARKS)))]
            if not missing[number, position]:
                rows.append(
                    (
                        bodies[body], body, task, f"{month:%Y-%m}", str(min(planned, 100)), str(reported),
                        min(filed, reference_date).isoformat(), remark, "演示",
                    )
                )  # fmt: skip
    frame = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    path.write_bytes(frame.write_csv(line_terminator="\r\n", quote_style="necessary").encode("utf-8"))
    return frame.height


def months_before(reference_date: date) -> list[date]:
    """Last days of the six months that had ended by the reference date, oldest first."""
    ends, day = [], reference_date + timedelta(days=1)
    while len(ends) < MONTHS:
        day = day.replace(day=1) - timedelta(days=1)
        ends.insert(0, day)
    return ends
