"""The above-scale frame and the digital assessments of its firms. Coverage is never computed here."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ingest.demo.places import Places
from ingest.demo.register import day_to_date
from ingest.demo.sheets import write_html, write_workbook

# the city's frame as reported in 2025, against the default size of the register
CURRENT_PER_20K = 4_700
EXITED_PER_20K = 250
# no list of this kind is longer, however many firms the register has: it is read and printed as one sheet
MAX_ROWS = 50_000

FRAME_SHEET = "规上工业企业名录"
FRAME_COLUMNS = (
    ("序号", None),
    ("企业", "统一社会信用代码"),
    ("企业", "名称"),
    ("所在县区", None),
    ("行业代码", None),
    ("入退库", "入库日期"),
    ("入退库", "退库日期"),
)
ASSESSMENT_COLUMNS = ("统一社会信用代码", "企业名称", "评估日期", "等级", "得分", "评估依据")
LEVELS = ("未达级", "一级", "二级", "三级", "四级")

SURVIVED_FROM_BEFORE = 0.84  # share of today's frame that had entered three full years ago
FIRST_ASSESSED_CUMULATIVE = (0.36, 0.63, 0.83, 0.90)  # by the rounds of the last four years; the rest never
NEXT_ASSESSED_SHARE = 0.8
LEVEL_CUMULATIVE = np.cumsum([0.062, 0.27, 0.265, 0.275, 0.128])
SCORE_NOT_PRINTED_SHARE = 0.01


def frame_size(companies: int) -> tuple[int, int]:
    """Firms in the frame now, and firms that left it, for a register of that many companies."""
    total = min(round((CURRENT_PER_20K + EXITED_PER_20K) * companies / 20_000), MAX_ROWS)
    exited = round(total * EXITED_PER_20K / (CURRENT_PER_20K + EXITED_PER_20K))
    return total - exited, exited


def date_frame(firms: pl.DataFrame, exited: int, seed: int, reference_date: date) -> pl.DataFrame:
    """Add entered_on and exited_on (null: still in the frame) to the firms chosen from the register."""
    rng = np.random.default_rng([seed, 10])
    rows = firms.height
    established = firms["established_on"].to_numpy()
    today = _day(reference_date)
    before = _day(date(reference_date.year - 3, 1, 1))
    earliest = np.maximum(established + 200, _day(date(2011, 1, 1)))
    old = (rng.random(rows) < SURVIVED_FROM_BEFORE) & (earliest < before - 30)
    low = np.where(old, earliest, np.maximum(earliest, before))
    high = np.where(old, before, today - 30)
    entered = low + (rng.random(rows) * (high - low)).astype(np.int64)
    leaves = np.zeros(rows, dtype=bool)
    candidates = np.flatnonzero(entered < today - 400)
    leaves[rng.choice(candidates, min(exited, len(candidates)), replace=False)] = True
    # firms leave after the annual review, in the first quarter
    low = np.maximum(entered + 365, _day(date(reference_date.year - 5, 1, 1)))
    left = low + (rng.random(rows) * (today - low)).astype(np.int64)
    left_on = [
        _review_day(day_to_date(day), day_to_date(start)) for day, start in zip(left, low, strict=True)
    ]
    return firms.with_columns(
        entered_on=pl.Series([_first_of_month(day_to_date(day)) for day in entered]),
        exited_on=pl.Series(
            [day if leaver else None for day, leaver in zip(left_on, leaves, strict=True)], dtype=pl.Date
        ),
    ).sort("uscc")


def write_frame(path: Path, frame: pl.DataFrame, places: Places, reference_date: date) -> int:
    """The frame as a workbook; returns the number of firms."""
    columns = [
        frame[name].to_list() for name in ("uscc", "name", "area", "industry_code", "entered_on", "exited_on")
    ]
    rows = (
        (number, uscc, name, places.area_names[area], code, entered, exited)
        for number, (uscc, name, area, code, entered, exited) in enumerate(
            zip(*columns, strict=True), start=1
        )
    )
    write_workbook(
        path,
        FRAME_SHEET,
        "演示数据 全市规模以上工业企业名录",
        f"单位:家 截至:{reference_date.isoformat()}",
        FRAME_COLUMNS,
        rows,
        [
            "注:1. 本名录为演示数据,企业名称、代码均为虚构。",
            "注:2. 退库日期为空的,为截至日期仍在库企业。",
        ],
        reference_date,
    )
    return frame.height


def write_assessments(path: Path, frame: pl.DataFrame, seed: int, reference_date: date) -> int:
    """Assessments of the last four years as an HTML table; returns the number of assessments."""
    rows = _assessments(frame, seed, reference_date)
    write_html(
        path,
        "演示数据 规模以上工业企业数字化水平评估结果",
        ["演示数据:企业、代码、得分均为虚构,不得用于实际工作。", f"截至:{reference_date.isoformat()}"],
        ASSESSMENT_COLUMNS,
        rows,
    )
    return len(rows)


def _assessments(frame: pl.DataFrame, seed: int, reference_date: date) -> list[tuple[Any, ...]]:
    rng = np.random.default_rng([seed, 11])
    years = range(reference_date.year - 3, reference_date.year + 1)
    first_round = np.searchsorted(FIRST_ASSESSED_CUMULATIVE, rng.random(frame.height), side="right")
    level = np.searchsorted(LEVEL_CUMULATIVE[:-1], rng.random(frame.height), side="right")
    again = rng.random((frame.height, 2)) < NEXT_ASSESSED_SHARE
    # an earlier assessment was none, one or two levels lower
    lower = np.searchsorted([0.45, 0.85], rng.random((frame.height, 2)), side="right")
    day_draws, score_draws = rng.random((2, frame.height, len(years)))
    rows = []
    columns = zip(
        frame["uscc"], frame["name"], frame["entered_on"], frame["exited_on"],
        first_round, level, again, lower, day_draws, score_draws, strict=True,
    )  # fmt: skip
    for uscc, name, entered, exited, first, last_level, repeats, drops, day_draw, score_draw in columns:
        days = [_round_day(year, draw, reference_date) for year, draw in zip(years, day_draw, strict=True)]
        # who was not in the frame yet takes part in the first round after entering it
        open_rounds = [n for n in range(first, len(days)) if days[n] >= entered]
        taken = open_rounds[:1]
        for repeated in repeats:
            if taken and repeated and taken[-1] + 2 < len(days):
                taken.append(taken[-1] + 2)
        taken = [n for n in taken if not exited or days[n] <= exited]
        levels = [int(last_level)]
        for drop in drops[: max(len(taken) - 1, 0)]:
            levels.insert(0, max(levels[0] - int(drop), 0))
        for number, reached in zip(taken, levels, strict=False):
            scheme = f"中小企业数字化水平评测指标({2024 if years[number] >= 2025 else 2022}年版)"
            score = _score(reached, score_draw[number])
            rows.append((uscc, name, days[number].isoformat(), LEVELS[reached], score, scheme))
    return sorted(rows, key=lambda row: (row[2], row[0]))


def _score(level: int, draw: float) -> str:
    """Scores agree with levels: 20, 40, 60 and 80 points are the floors of levels 1 to 4."""
    if draw < SCORE_NOT_PRINTED_SHARE:
        return "—"
    return f"{20 * level + int(draw * 199) / 10:.1f}"


def _round_day(year: int, draw: float, reference_date: date) -> date:
    """A day of the year's round, April to September, never after the reference date."""
    day = date.fromordinal(date(year, 4, 1).toordinal() + int(draw * 180))
    return min(day, date.fromordinal(reference_date.toordinal() - 1 - int(draw * 20)))


def _day(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _first_of_month(day: date) -> date:
    return day.replace(day=1)


def _review_day(day: date, not_before: date) -> date:
    review = date(day.year, 1 + day.day % 3, 1 + day.day % 28)
    return review if not_before <= review <= day else day
