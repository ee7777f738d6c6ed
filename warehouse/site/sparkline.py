"""The small picture on a target's card: what was reached, and the path required. Attributes only, as the policy asks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from warehouse.progress import TargetProgress, period_end

WIDTH, HEIGHT = 264, 62
_LEFT, _RIGHT, _TOP, _BOTTOM = 6, 10, 8, 16
INK, PATH = "#1b4f8a", "#7a8794"


@dataclass(frozen=True)
class Reached:
    """A value of a period, as a point of the picture."""

    period: str
    value: float


def draw(target: TargetProgress, reached: Sequence[Reached], compound: bool) -> Markup | None:
    """The picture, or None where there is no value to draw. compound: the path required bends as growth rates do."""
    if not reached:
        return None
    points = sorted((_year(point.period), point.value) for point in reached)
    path = _required(target, compound)
    goal = target.target_value if target.unit_zh else None
    years = [year for year, _ in points + path]
    levels = [value for _, value in points + path] + ([] if goal is None else [goal])
    first, last = min(years), max(years)
    low, high = min(levels), max(levels)
    span = (high - low) or abs(high) or 1.0
    wide = (last - first) or 1.0

    def at(year: float, value: float) -> tuple[float, float]:
        x = _LEFT + (year - first) / wide * (WIDTH - _LEFT - _RIGHT) if last > first else WIDTH / 2
        y = HEIGHT - _BOTTOM - (value - low) / span * (HEIGHT - _TOP - _BOTTOM)
        return round(x, 1), round(y, 1)

    parts = [
        Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="#d5dde5"/>').format(
            _LEFT, HEIGHT - _BOTTOM + 3, WIDTH - _RIGHT, HEIGHT - _BOTTOM + 3
        )
    ]
    if path:
        parts.append(_line([at(*point) for point in path], PATH, 1.5, "4 3"))
        parts.append(_diamond(*at(*path[-1])))
    elif goal is not None:
        y = at(first, goal)[1]
        parts.append(_line([(_LEFT, y), (WIDTH - _RIGHT, y)], PATH, 1.5, "4 3"))
    drawn = [at(*point) for point in points]
    if len(drawn) > 1:
        parts.append(_line(drawn, INK, 2, None))
    parts += [
        Markup('<circle cx="{}" cy="{}" r="{}" fill="{}"/>').format(x, y, 3.6 if last_one else 2.4, INK)
        for (x, y), last_one in zip(drawn, [False] * (len(drawn) - 1) + [True], strict=True)
    ]
    labels = [(_LEFT, "start", first), (WIDTH - _RIGHT + 6, "end", last)] if last > first else []
    labels = labels or [(WIDTH / 2, "middle", first)]
    parts += [
        Markup('<text x="{}" y="{}" text-anchor="{}" font-size="10" fill="#5b6875">{}</text>').format(
            x, HEIGHT - 2, anchor, math.ceil(year)
        )
        for x, anchor, year in labels
    ]
    told = "; ".join(f"{point.period}: {point.value:,.4g}" for point in reached)
    return Markup(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}</svg>'
    ).format(WIDTH, HEIGHT, f"历年数值 values by period: {told}", Markup("").join(parts))


def _required(target: TargetProgress, compound: bool) -> list[tuple[float, float]]:
    """From base to target; a straight line, or a curve of even growth."""
    known = (target.base_value, target.base_period, target.target_value, target.target_year)
    if any(value is None for value in known):
        return []
    start, end = _year(target.base_period), float(target.target_year)
    base, goal = target.base_value, target.target_value
    if end <= start:
        return []
    if not (compound and base > 0 and goal > 0):
        return [(start, base), (end, goal)]
    steps = 8
    return [
        (start + (end - start) * n / steps, base * (goal / base) ** (n / steps)) for n in range(steps + 1)
    ]


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


def _year(period: str) -> float:
    day = period_end(period)
    return day.year - 1 + min(day.timetuple().tm_yday / 365, 1.0)
