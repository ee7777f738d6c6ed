"""The picture of a target: what was reached, and the path required. Attributes only, as the pages' policy asks.

There is one on every card, and a night must not wait for twenty charts: the others are drawn by `warehouse.charts`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from warehouse.progress import TargetProgress, period_end
from warehouse.site.text import number

INK, PATH, SOFT, HAIR = "#1b4f8a", "#6d7a86", "#53616e", "#d5dde5"


@dataclass(frozen=True)
class Size:
    """Width, height and margins in units of the picture; labelled: with the figures beside the points."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    font: int
    labelled: bool = False


SMALL = Size(264, 62, 6, 10, 8, 16, 10)
LARGE = Size(760, 230, 24, 74, 30, 28, 13, labelled=True)


@dataclass(frozen=True)
class Reached:
    """A value of a period, as a point of the picture."""

    period: str
    value: float


def draw(
    target: TargetProgress, reached: Sequence[Reached], method: str, size: Size = SMALL
) -> Markup | None:
    """The picture, or None where there is no value to draw.

    The path bends where the method compares rates of growth. Yearly quotas are bars against a line: each year stands alone.
    """
    if not reached:
        return None
    told = "; ".join(f"{point.period}: {number(point.value)}" for point in reached)
    parts = (
        _bars(target, reached, size) if method == "annual_quota" else _lines(target, reached, method, size)
    )
    return Markup(
        '<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}</svg>'
    ).format(
        "plot" if size.labelled else "spark",
        size.width,
        size.height,
        f"历年数值 values by period: {told}",
        Markup("").join(parts),
    )


def _lines(target: TargetProgress, reached: Sequence[Reached], method: str, size: Size) -> list[Markup]:
    points = sorted((_year(point.period), point.value) for point in reached)
    path = _required(target, method == "cagr_ratio")
    goal = target.target_value if target.unit_zh else None
    years = [year for year, _ in points + path]
    levels = [value for _, value in points + path] + ([] if goal is None else [goal])
    first, last = min(years), max(years)
    low, high = min(levels), max(levels)
    span = (high - low) or abs(high) or 1.0

    def at(year: float, value: float) -> tuple[float, float]:
        inner = size.width - size.left - size.right
        x = size.left + (year - first) / (last - first) * inner if last > first else size.left + inner / 2
        y = size.height - size.bottom - (value - low) / span * (size.height - size.top - size.bottom)
        return round(x, 1), round(y, 1)

    parts = [_ground(size)]
    if path:
        parts.append(_line([at(*point) for point in path], PATH, 1.5, "4 3"))
        parts.append(_diamond(*at(*path[-1])))
        if size.labelled:
            parts.append(_text(*_right_of(at(*path[-1])), number(path[-1][1]), "start", PATH, size))
    elif goal is not None:
        y = at(first, goal)[1]
        parts.append(_line([(size.left, y), (size.width - size.right, y)], PATH, 1.5, "4 3"))
        if size.labelled:
            parts.append(_text(size.width - size.right + 8, y + 4, number(goal), "start", PATH, size))
    drawn = [at(*point) for point in points]
    if len(drawn) > 1:
        parts.append(_line(drawn, INK, 2, None))
    for n, ((x, y), (_, value)) in enumerate(zip(drawn, points, strict=True)):
        is_last = n == len(drawn) - 1
        parts.append(
            Markup('<circle cx="{}" cy="{}" r="{}" fill="{}"/>').format(x, y, 3.6 if is_last else 2.4, INK)
        )
        if size.labelled:
            parts.append(_text(max(x, size.left + 14), y - 10, number(value), "middle", INK, size))
    if not size.labelled:
        marked = [(first, "start"), (last, "end")] if last > first else [(first, "middle")]
        return parts + [
            _text(
                at(year, low)[0] + (6 if anchor == "end" else 0),
                size.height - 2,
                str(math.ceil(year)),
                anchor,
                SOFT,
                size,
            )
            for year, anchor in marked
        ]
    whole = range(math.ceil(first), math.floor(last) + 1) if last > first else [math.ceil(first)]
    return parts + [
        _text(at(year, low)[0], size.height - 6, str(year), "middle", SOFT, size) for year in whole
    ]


def _bars(target: TargetProgress, reached: Sequence[Reached], size: Size) -> list[Markup]:
    quota = target.target_value or 0.0
    high = max([quota, *(point.value for point in reached)]) or 1.0
    inner, tall = size.width - size.left - size.right, size.height - size.top - size.bottom
    ground = size.height - size.bottom
    step = inner / len(reached)
    wide = min(step * 0.5, 46 if size.labelled else 30)
    parts = [_ground(size)]
    for n, point in enumerate(reached):
        middle = size.left + step * (n + 0.5)
        height = point.value / high * tall
        parts.append(
            Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>').format(
                round(middle - wide / 2, 1),
                round(ground - height, 1),
                round(wide, 1),
                round(height + 3, 1),
                INK,
            )
        )
        parts.append(
            _text(middle, size.height - (6 if size.labelled else 2), point.period, "middle", SOFT, size)
        )
        if size.labelled:
            parts.append(_text(middle, ground - height - 8, number(point.value), "middle", INK, size))
    if quota:
        y = round(ground - quota / high * tall, 1)
        parts.append(_line([(size.left, y), (size.width - size.right, y)], PATH, 1.5, "4 3"))
        if size.labelled:
            parts.append(_text(size.width - size.right + 8, y + 4, number(quota), "start", PATH, size))
    return parts


def _required(target: TargetProgress, compound: bool) -> list[tuple[float, float]]:
    """From base to target; a straight line, or a curve of even growth."""
    base, goal = target.base_value, target.target_value
    since, until = target.base_period, target.target_year
    if base is None or goal is None or since is None or until is None:
        return []
    start, end = _year(since), float(until)
    if end <= start:
        return []
    if not (compound and base > 0 and goal > 0):
        return [(start, base), (end, goal)]
    steps = 8
    return [
        (start + (end - start) * n / steps, base * (goal / base) ** (n / steps)) for n in range(steps + 1)
    ]


def _ground(size: Size) -> Markup:
    y = size.height - size.bottom + 3
    return Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}"/>').format(
        size.left, y, size.width - size.right, y, HAIR
    )


def _line(points: list[tuple[float, float]], colour: str, width: float, dash: str | None) -> Markup:
    listed = " ".join(f"{x},{y}" for x, y in points)
    dashed = Markup(' stroke-dasharray="{}"').format(dash) if dash else Markup("")
    return Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="{}"{}/>').format(
        listed, colour, width, dashed
    )


def _diamond(x: float, y: float) -> Markup:
    return Markup('<path d="M{} {}l4 4l-4 4l-4 -4z" fill="#fff" stroke="{}" stroke-width="1.5"/>').format(
        x, y - 4, PATH
    )


def _text(x: float, y: float, text: str, anchor: str, colour: str, size: Size) -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}" font-size="{}" fill="{}">{}</text>').format(
        round(x, 1), round(y, 1), anchor, size.font, colour, text
    )


def _right_of(point: tuple[float, float]) -> tuple[float, float]:
    return point[0] + 10, point[1] + 4


def _year(period: str) -> float:
    """A period as a point on an axis of years: 2024 stands at 2024, the first half of it before."""
    day = period_end(period)
    return day.year - 1 + min(day.timetuple().tm_yday / 365, 1.0)
