"""One line per target of the plan, as people read it. How a status comes about is the mart's business."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from warehouse import words
from warehouse.reader import NULL, run_query
from warehouse.release import Release
from warehouse.words import chinese

# status: its Chinese word and its colour
STATUSES = {code: (word, words.RAG_OF_STATUS[code]) for code, word in chinese(words.STATUSES).items()}
ORIGINS = chinese(words.ORIGINS)
OPERATORS = {
    "gt": ">",
    "ge": "≥",
    "lt": "<",
    "le": "≤",
    "eq": "=",
    "approx": "≈",
    "approx_diff": "≈",
    "all_ge": "均≥",
}
UNITS = chinese(words.UNITS) | {"ratio": ""}
_STYLES = {"green": "green", "yellow": "yellow", "red": "bold red", "grey": "dim"}


@dataclass(frozen=True)
class TargetProgress:
    """Where one target stands, in the period that says most about it.

    `value`, `base_value`, `target_value` and `gap` are in `unit` (a code; `unit_zh` is its label);
    `ratio` is progress made over progress due, 1 = on pace. What is not known is None, with `reason`.
    """

    plan_version: str
    target_id: str
    label_zh: str
    operator: str
    target_value: float | None
    unit: str | None
    unit_zh: str
    target_year: int | None
    value: float | None
    period: str | None
    base_value: float | None
    base_period: str | None
    ratio: float | None
    status: str
    rag: str | None
    gap: float | None
    data_origin: str | None
    reason: str | None
    vintage: str | None
    published_on: date | None
    published_value: float | None = None  # the same indicator as published, often rounded

    @property
    def status_zh(self) -> str:
        return STATUSES.get(self.status, (self.status,))[0]

    @property
    def colour(self) -> str:
        return self.rag if self.rag in _STYLES else STATUSES.get(self.status, ("", "grey"))[1]

    @property
    def origin_zh(self) -> str:
        # what is not there comes from nowhere
        if self.value is None or self.data_origin is None:
            return NULL
        return ORIGINS.get(self.data_origin, self.data_origin)

    @property
    def target_text(self) -> str:
        """Such as "> 2,000 亿元"."""
        if self.target_value is None:
            return NULL
        return f"{OPERATORS.get(self.operator, self.operator)} {with_unit(self.target_value, self.unit_zh)}"

    @property
    def value_text(self) -> str:
        """The value, and beside it the published one where that is another."""
        text = with_unit(self.value, self.unit_zh)
        if self.value is None or self.published_value is None or self.published_value == self.value:
            return text
        return f"{text}(公布 {with_unit(self.published_value, self.unit_zh)})"

    @property
    def base_text(self) -> str:
        """Such as "1,596.8 (2023)"; nothing where there is no value, or the period is its own base."""
        if self.value is None or self.base_value is None or self.base_period == self.period:
            return NULL
        return f"{with_unit(self.base_value, '').strip()} ({self.base_period})"

    @property
    def gap_text(self) -> str:
        return difference(self.gap, self.unit_zh)


def plan_progress(release: Release) -> list[TargetProgress]:
    """One line per target of the plan version that the release follows, in the order of their ids.

    The row taken is that of the latest period with a value; failing that, of the latest period
    that is due; failing that, of the first one to come.
    """
    labels, units = _labels(release), _units(release)
    followed = release.manifest.get("plan_version")
    chosen: dict[tuple[str, str], dict[str, Any]] = {}
    # Two periods may end on one day (2024 and 2024Q1-Q4): the query's order settles the tie.
    for row in run_query(release, _PROGRESS).iter_rows(named=True):
        if followed not in (None, row["plan_version"]):
            continue
        key = (row["plan_version"], row["target_id"])
        if key not in chosen or _standing(row) >= _standing(chosen[key]):
            chosen[key] = row
    return [
        _line(
            row | {"unit": row["unit"] or units.get(row["indicator_code"])},
            labels.get((row["plan_version"], row["target_id"]), {}),
        )
        for _, row in sorted(chosen.items())
    ]


def render(rows: Sequence[TargetProgress]) -> Table:
    """The table that `status` prints."""
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    table.add_column("目标 target", overflow="fold")
    table.add_column("目标值", justify="right")
    table.add_column("年", justify="right")
    table.add_column("当期值 value", justify="right")
    table.add_column("期别")
    table.add_column("基期 base", justify="right")
    table.add_column("进度比", justify="right")
    table.add_column("状态 status")
    table.add_column("缺口 gap", justify="right")
    table.add_column("来源")
    for row in rows:
        style = _STYLES[row.colour]
        table.add_row(
            Text(f"{row.target_id} {row.label_zh}"),
            Text(row.target_text),
            Text(NULL if row.target_year is None else str(row.target_year)),
            Text(row.value_text),
            Text(row.period or NULL),
            Text(row.base_text),
            Text(percent(row.ratio)),
            Text(row.status_zh, style=style),
            Text(row.gap_text),
            Text(row.origin_zh, style="bold red" if row.data_origin == "demo" else ""),
        )
    return table


def with_unit(value: float | None, unit_zh: str) -> str:
    """A figure with its unit, at most two decimals: "1,703.42 亿元", "21%"; a dash if not known."""
    if value is None:
        return NULL
    text = f"{round(value, 2) + 0.0:,.2f}".rstrip("0").rstrip(".")  # + 0.0: no minus before a zero
    return text + (unit_zh if unit_zh == "%" else f" {unit_zh}").rstrip()


def difference(value: float | None, unit_zh: str) -> str:
    """What two figures of one unit differ by: two percentages by percentage points."""
    return with_unit(value, "个百分点" if unit_zh == "%" else unit_zh)


def percent(ratio: float | None) -> str:
    """A ratio of 0.9248 as "92.5%"; a dash if not known."""
    return NULL if ratio is None else f"{ratio * 100:.1f}%"


def period_end(period_id: str) -> date:
    """The last day of a period such as 2024, 2024H1, 2024Q1-Q3, 2025-07 or 2022-01..2022-11."""
    last = period_id.rsplit("..", 1)[-1]
    if match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", last):
        return date(*map(int, match.groups()))
    if match := re.fullmatch(r"(\d{4})(?:H([12])|(?:Q1-)?Q([1-4])|-(\d{2}))?", last):
        year, half, quarter, month = (int(part) if part else 0 for part in match.groups())
        month = half * 6 or quarter * 3 or month or 12
        return date(year, month, calendar.monthrange(year, month)[1])
    raise ValueError(f"unknown period {period_id!r}")


def bands_zh(parameters: Mapping[str, Any]) -> str:
    """What the ratio means, by the parameters that a release's manifest records; without the bounds where it records none."""
    good, fair, poor, negative = (
        STATUSES[code][0] for code in ("on_track", "acceleration_needed", "limited_progress", "deterioration")
    )
    bands = f"由高到低为{good},{fair},{poor}"
    if {"ratio_on_track", "ratio_acceleration"} <= parameters.keys():
        high, low = (
            f"{100 * float(parameters[f'ratio_{name}']):g}%" for name in ("on_track", "acceleration")
        )
        bands = f"不低于{high}为{good},{low}至{high}{fair},低于{low}{poor}"
    return f"进度比=实际进度÷应有进度:{bands},负值为{negative};这是简化的判断,须与缺口一并看。"


def newest_full(periods: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The newest period in which more than half of its rows have a value; without one, the fullest, of equals the newest."""

    def share(period: str) -> float:
        rows = periods[period]
        return sum(row["value"] is not None for row in rows) / len(rows)

    if full := [period for period in periods if share(period) > 0.5]:
        return max(full, key=period_end)
    return max(periods, key=lambda period: (share(period), period_end(period)))


_PROGRESS = """
    select
        plan_version, target_id, indicator_code, operator, target_value, unit, target_year, period, value,
        published_value, value_vintage, value_published_on, base_value, base_period, ratio, gap, status, rag, reason,
        data_origin
    from plan_progress
    order by plan_version, target_id, period nulls first
"""


def _standing(row: dict[str, Any]) -> tuple[int, int]:
    """The higher, the more the row says: known before due before to come; then by its period's end."""
    day = period_end(row["period"]).toordinal() if row["period"] else 0
    if row["value"] is not None:
        return 2, day
    return (0, -day) if row["status"] == "not_due" else (1, day)


def _labels(release: Release) -> dict[tuple[str | None, str], dict[str, Any]]:
    """What dim_target has of names and units, by plan version and target; nothing if the release has no such mart."""
    wanted = ("plan_version", "target_id", "indicator_name_zh", "unit_zh", "unit_code")
    if not (present := _present(release, "dim_target", wanted)):
        return {}
    frame = run_query(release, f"select {', '.join(present)} from dim_target")
    return {(row.get("plan_version"), row["target_id"]): row for row in frame.iter_rows(named=True)}


def _units(release: Release) -> dict[str, str]:
    """The unit of each indicator, which a target without a number has from it."""
    wanted = ("indicator_code", "unit")
    if len(_present(release, "dim_indicator", wanted)) < len(wanted):
        return {}
    return dict(run_query(release, "select indicator_code, unit from dim_indicator").iter_rows())


def _present(release: Release, mart: str, columns: Sequence[str]) -> list[str]:
    """Those of the columns that the release's mart has."""
    found = run_query(
        release,
        f"select column_name from duckdb_columns() where schema_name = 'main' and table_name = '{mart}'",
    )["column_name"].to_list()
    return [name for name in columns if name in found]


def _line(row: dict[str, Any], labels: dict[str, Any]) -> TargetProgress:
    unit = row["unit"]
    return TargetProgress(
        plan_version=row["plan_version"],
        target_id=row["target_id"],
        label_zh=labels.get("indicator_name_zh") or row["indicator_code"],
        operator=row["operator"],
        target_value=_number(row["target_value"]),
        unit=unit,
        # a target may be measured in another unit than it is worded in, as a share of units is
        unit_zh=(labels.get("unit_zh") if labels.get("unit_code", unit) == unit else None)
        or UNITS.get(unit, unit or ""),
        target_year=row["target_year"],
        value=_number(row["value"]),
        published_value=_number(row["published_value"]),
        period=row["period"],
        base_value=_number(row["base_value"]),
        base_period=row["base_period"],
        ratio=_number(row["ratio"]),
        status=row["status"],
        rag=row["rag"],
        gap=_number(row["gap"]),
        data_origin=row["data_origin"],
        reason=row["reason"],
        vintage=row["value_vintage"],
        published_on=row["value_published_on"],
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
