"""Figures and words as the pages print them: in both languages where there are two, a dash where nothing is known."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from warehouse.reader import NULL
from warehouse.release import NIGHT_ZONE
from warehouse.words import UNITS, Both


@lru_cache(maxsize=20_000)
def both(zh: object, en: object = None) -> Markup:
    """A text in both languages, of which the page shows one; in Chinese alone where there is no English."""
    if en is None or en == zh:
        return Markup('<span lang="zh-CN">{}</span>').format("" if zh is None else zh)
    return Markup('<span class="zh" lang="zh-CN">{}</span><span class="en" lang="en">{}</span>').format(
        zh, en
    )


def word(code: str | None, table: dict[str, Both]) -> Markup:
    """The word for a code; the code itself where the table has none, a dash for nothing."""
    if code is None:
        return Markup(NULL)
    found = table.get(code)
    return both(*found[-2:]) if found else escape(code)


def number(value: float | None, digits: int = 2) -> str:
    """At most so many decimals, thousands parted: 1,703.42; a dash for nothing, never a zero."""
    if value is None:
        return NULL
    written = f"{round(value, digits) + 0.0:,.{digits}f}"  # + 0.0: no minus before a zero
    return written.rstrip("0").rstrip(".") if "." in written else written


def unit(code: str | None) -> Markup:
    return both(*UNITS[code]) if code in UNITS else escape(code or "")


def figure(value: float | None, code: str | None, reason: str | None = None) -> Markup:
    """A figure with its unit, for a machine too; a dash with its reason for nothing."""
    if value is None:
        return Markup(f'<span class="none" title="{escape(reason or "未公布或未报送")}">{NULL}</span>')
    shown = unit(code)
    gap = "" if code in ("pct", "percent") else " "
    written = f'<data value="{value!r}">{number(value)}</data>'
    return Markup(f'{written}{gap}<span class="unit">{shown}</span>' if shown else written)


def dash(value: Any) -> Any:
    return NULL if value is None or value == "" else value


def beijing(moment: str) -> str:
    """A moment in ISO format as the clock in the city showed it."""
    return datetime.fromisoformat(moment).astimezone(NIGHT_ZONE).strftime("%Y-%m-%d %H:%M")
