"""Drift: what a publisher changed between two documents of one source. Nothing is accepted or refused here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

#: a full table that grows by more than this from one issue to the next was doubled or redefined
MORE_ROWS_SHARE = 0.5
#: one that shrinks by more than this was cut: what it no longer holds is taken for gone, and little goes between two issues
FEWER_ROWS_SHARE = 0.25
#: a column that is filled this much less than before has been left out for some of the rows
FILLED_SHARE = 0.2
#: so many values are named in a message; the others are counted
_NAMED = 6


@dataclass(frozen=True)
class Change:
    """One difference. severity: warning where figures may now mean something else or be missing, info where they grew.

    observed: what changed, from what to what.
    """

    check: Literal["header", "kinds", "rows", "filled", "area_id", "period_id", "indicator_code"]
    severity: Literal["warning", "info"]
    observed: str


def compare(before: dict[str, Any], now: dict[str, Any], *, accumulates: bool) -> list[Change]:
    """What differs between the profiles of the last accepted document and of the one that follows it.

    Documents of a source that accumulates stand beside each other: only their form is compared, not what they hold. Those of
    them that are the whole of a register are compared by their `rows` as well.
    """
    changes = [*_headers(before["headers"], now["headers"]), *_kinds(before["kinds"], now["kinds"])]
    return changes if accumulates else changes + _holdings(before, now)


def _headers(before: dict[str, list[str]], now: dict[str, list[str]]) -> list[Change]:
    if before == now:
        return []
    tables = [*dict.fromkeys([*before, *now])]
    said = []
    for table in tables:
        old, new = before.get(table), now.get(table)
        if old == new:
            continue
        where = table or "the table"
        if old is None or new is None:
            said.append(f"{where} is {'new' if old is None else 'gone'}")
            continue
        gone, come = _without(old, new), _without(new, old)
        if not (gone or come):
            said.append(f"the columns of {where} stand in another order")
        said += [f"{where}: column {_named(gone)} gone"] if gone else []
        said += [f"{where}: column {_named(come)} new"] if come else []
    return [Change("header", "warning", "; ".join(said))]


def _kinds(before: dict[str, str], now: dict[str, str]) -> list[Change]:
    changed = [
        f"{name}: {before[name]} before, {now[name]} now"
        for name in before
        if name in now and before[name] != now[name]
    ]
    return [Change("kinds", "warning", "; ".join(changed))] if changed else []


def is_whole(profile: dict[str, Any]) -> bool:
    """Whether a document says of itself that it is all of a register, so that what it does not hold is gone."""
    return bool(profile.get("extent") == ["full"])


def rows(before: dict[str, Any], now: dict[str, Any]) -> list[Change]:
    """How much longer or shorter a full table has become."""
    more = now["rows"] - before["rows"]
    if not more:
        return []
    share = MORE_ROWS_SHARE if more > 0 else FEWER_ROWS_SHARE
    jump = abs(more) > share * max(before["rows"], 1)
    observed = f"{before['rows']:,} rows before, {now['rows']:,} now"
    return [Change("rows", "warning" if jump else "info", observed)]


def _holdings(before: dict[str, Any], now: dict[str, Any]) -> list[Change]:
    changes = rows(before, now)
    emptier = [
        f"{name} {before['filled'][name]:.0%} before, {share:.0%} now"
        for name, share in now["filled"].items()
        if before["filled"].get(name) is not None
        and share is not None
        and before["filled"][name] - share > FILLED_SHARE
    ]
    if emptier:
        changes.append(Change("filled", "warning", "; ".join(emptier)))
    for name in ("area_id", "period_id", "indicator_code"):
        old, new = before.get(name, []), now.get(name, [])
        if gone := _without(old, new):
            changes.append(Change(name, "warning", f"no longer there: {_named(gone)}"))
        if come := _without(new, old):
            changes.append(Change(name, "info", f"new: {_named(come)}"))
    return changes


def _without(these: Iterable[str], those: Iterable[str]) -> list[str]:
    others = set(those)
    return [value for value in these if value not in others]


def _named(values: list[str]) -> str:
    more = f" and {len(values) - _NAMED} more" if len(values) > _NAMED else ""
    return "、".join(values[:_NAMED]) + more
