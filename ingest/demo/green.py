"""Provincial and municipal green lists as dated events. Stocks are folded from the events elsewhere.

An event adds, renames or removes a unit; what is only proposed (公示) has not been granted.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ingest.demo.places import Places
from ingest.demo.pools import FIRM_MARKERS, PARTNERS
from ingest.demo.sheets import write_html

COLUMNS = (
    "年度/批次", "类别", "事项", "状态", "单位名称", "更名后名称", "统一社会信用代码", "县市区", "公布日期",
)  # fmt: skip
FACTORY, PARK, SUPPLY_CHAIN = "绿色工厂", "绿色工业园区", "绿色供应链管理企业"
ADD, RENAME, REMOVE = "新增", "更名", "移出"
GRANTED, PROPOSED = "公布", "公示"

NO_CODE_SHARE = 0.2
RESPELT_SHARE = 0.35  # of the entries without a code
UNKNOWN_UNITS = 2  # municipal entries of firms that no register holds


@dataclass(frozen=True)
class Tier:
    """How many events a list has; `granted` by year, oldest first and ending in the reference year."""

    stream: int
    granted: tuple[int, ...]
    proposed: int
    renamed: int
    removed: int
    parks: int
    supply_chains: int
    in_clusters: int
    unknown_units: int
    month: int

    @property
    def firms(self) -> int:
        return sum(self.granted) + self.proposed - self.parks - self.unknown_units


MUNICIPAL = Tier(30, (24, 28, 29, 27, 20), 9, 6, 8, 5, 16, 35, UNKNOWN_UNITS, 5)
PROVINCIAL = Tier(31, (7, 8, 9, 9, 5), 3, 2, 2, 2, 5, 6, 0, 8)


@dataclass(frozen=True)
class Event:
    batch: str
    category: str
    action: str
    status: str
    name: str
    new_name: str
    uscc: str
    area: int
    effective_on: date

    def cells(self, area_names: list[str]) -> tuple[str, ...]:
        return (
            self.batch, self.category, self.action, self.status, self.name, self.new_name, self.uscc,
            area_names[self.area], self.effective_on.isoformat(),
        )  # fmt: skip


def make_events(
    tier: Tier,
    frame: pl.DataFrame,
    members: pl.DataFrame,
    places: Places,
    seed: int,
    reference_date: date,
    below: frozenset[str] = frozenset(),
) -> list[Event]:
    """Events of one list by date. With few firms in the frame all counts shrink together.

    Half the firms come from `below`, the codes on the list one rung down: they hold two titles.
    """
    rng = np.random.default_rng([seed, tier.stream])
    current = frame.filter(pl.col("exited_on").is_null())
    tier = _scaled(tier, current.height)
    firms = _firms(tier, current, members, below, rng)
    batches = _batches(tier, reference_date)
    events: list[Event] = []
    renames: list[Event] = []
    slots = [batch for batch, count in zip(batches, tier.granted, strict=True) for _ in range(count)]
    slots = [slots[number] for number in rng.permutation(len(slots))]
    slots += [(f"{reference_date.year}年第二批", reference_date - timedelta(days=9))] * tier.proposed
    for number, (batch, effective_on) in enumerate(slots):
        proposed = number >= sum(tier.granted)
        category = SUPPLY_CHAIN if number % max(len(slots) // max(tier.supply_chains, 1), 1) == 1 else FACTORY
        if number < tier.parks:
            event = _park(places, number, batch, effective_on, rng)
        elif number < tier.parks + tier.unknown_units:
            event = _unknown(places, batch, effective_on, rng)
        else:
            firm = firms[number - tier.parks - tier.unknown_units]
            event = Event(
                batch, category, ADD, GRANTED, firm["name"], "", firm["uscc"], firm["area"], effective_on
            )
            old = firm["former_name"]
            later = [other for other in batches if other[1] > effective_on]
            if old and later and not proposed and len(renames) < tier.renamed:
                renamed_in, renamed_on = later[int(rng.integers(len(later)))]
                renames.append(replace(
                    event, batch=renamed_in, effective_on=renamed_on,
                    action=RENAME, name=old, new_name=event.name,
                ))  # fmt: skip
                event = replace(event, name=old)
        if proposed:
            event = replace(event, status=PROPOSED)
        events.append(event)
    events += renames + _removals(tier, events, renames, batches, rng)
    events = [_respell(event, rng) for event in events]
    order = {ADD: 0, RENAME: 1, REMOVE: 2}
    return sorted(events, key=lambda e: (e.effective_on, order[e.action], e.category, e.name))


def write_provincial(path: Path, events: list[Event], places: Places) -> int:
    """The provincial list as an HTML page; returns the number of events."""
    write_html(
        path,
        "演示数据 省级绿色制造名单(潍坊市)",
        ["演示数据:单位名称、代码均为虚构。", "本页汇总各批次新增、更名、移出事项。"],
        COLUMNS,
        [event.cells(places.area_names) for event in events],
    )
    return len(events)


def write_municipal(path: Path, events: list[Event], places: Places) -> int:
    """The municipal list as a PDF of several ruled pages; returns the number of events."""
    # imported here: the fonts and the layout engine cost more than all the other files
    from ingest.demo.ruled_pdf import write_pdf

    write_pdf(
        path,
        "演示数据 潍坊市市级绿色制造名单",
        COLUMNS,
        [event.cells(places.area_names) for event in events],
        widths_mm=(25, 30, 13, 13, 50, 50, 43, 24, 25),
        note="注:本名单为演示数据,单位名称、统一社会信用代码均为虚构。",
    )
    return len(events)


def _scaled(tier: Tier, firms: int) -> Tier:
    factor = min(1.0, firms / (3 * tier.firms))
    if factor == 1.0:
        return tier
    names = ("proposed", "renamed", "removed", "parks", "supply_chains", "in_clusters")
    counts = {name: max(1, int(getattr(tier, name) * factor)) for name in names}
    return replace(tier, granted=tuple(max(3, int(count * factor)) for count in tier.granted), **counts)


def _batches(tier: Tier, reference_date: date) -> list[tuple[str, date]]:
    """One batch a year, announced in the tier's month unless the reference date is earlier."""
    batches = []
    for before in range(len(tier.granted) - 1, -1, -1):
        year = reference_date.year - before
        day = min(date(year, tier.month, 17 + before), reference_date - timedelta(days=30))
        batches.append((f"{year}年第一批", day))
    return batches


def _firms(
    tier: Tier, current: pl.DataFrame, members: pl.DataFrame, below: frozenset[str], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Distinct firms in the order they are listed; as many of them as wanted are in a cluster now."""
    present = members.filter(pl.col("valid_to").is_null() & pl.col("in_frame"))["uscc"].to_list()
    is_member = current["uscc"].is_in(present).to_numpy()
    inside, outside = np.flatnonzero(is_member), np.flatnonzero(~is_member)
    on_list_below = current["uscc"].is_in(list(below)).to_numpy()
    inside = _half_from(inside, on_list_below, tier.in_clusters, rng)
    # enough firms with a former name to rename, even if some are only listed in the last batch
    has_former = current["former_name"].is_not_null().to_numpy()
    renamable = rng.permutation(outside[has_former[outside]])[: min(3 * tier.renamed, tier.firms // 2)]
    outside = _half_from(
        np.setdiff1d(outside, renamable), on_list_below, tier.firms - len(inside) - len(renamable), rng
    )
    chosen = np.concatenate([inside, renamable, outside])
    # removals and proposals are drawn from the end: firms in clusters keep their titles
    middle = len(chosen) - tier.proposed - 2 * tier.removed
    head = rng.permutation(chosen[:middle])
    listed: list[dict[str, Any]] = current[np.concatenate([head, chosen[middle:]]).tolist()].to_dicts()
    return listed


def _half_from(rows: np.ndarray, preferred: np.ndarray, wanted: int, rng: np.random.Generator) -> np.ndarray:
    """`wanted` of the rows, half of them preferred ones as far as there are any."""
    order = rng.permutation(rows)
    likely, rest = order[preferred[order]], order[~preferred[order]]
    half = wanted // 2
    return np.concatenate([likely[:half], rest, likely[half:]])[:wanted]


def _park(places: Places, number: int, batch: str, effective_on: date, rng: np.random.Generator) -> Event:
    area = int(rng.integers(len(places.area_names)))
    fancy = rng.choice(list(PARTNERS)) + rng.choice(list(FIRM_MARKERS))
    kind = ("化工产业园", "装备制造产业园", "食品产业园", "新材料产业园", "生物医药产业园")[number % 5]
    return Event(
        batch, PARK, ADD, GRANTED, f"潍坊{places.area_shorts[area]}{fancy}{kind}", "", "", area, effective_on
    )


def _unknown(places: Places, batch: str, effective_on: date, rng: np.random.Generator) -> Event:
    area = int(rng.integers(len(places.area_names)))
    fancy = "".join(rng.choice(list(FIRM_MARKERS), 3))
    return Event(batch, FACTORY, ADD, GRANTED, f"潍坊{fancy}机械有限公司", "", "", area, effective_on)


def _removals(
    tier: Tier,
    events: list[Event],
    renames: list[Event],
    batches: list[tuple[str, date]],
    rng: np.random.Generator,
) -> list[Event]:
    renamed = {event.uscc for event in renames}
    last = batches[-1][1]
    candidates = [
        event for event in events
        if event.status == GRANTED and event.uscc and event.uscc not in renamed and event.effective_on < last
    ]  # fmt: skip
    removals = []
    for event in candidates[-tier.removed :] if tier.removed else []:
        later = [batch for batch in batches if batch[1] > event.effective_on]
        batch, effective_on = later[int(rng.integers(len(later)))]
        removals.append(replace(event, batch=batch, action=REMOVE, effective_on=effective_on))
    return removals


def _respell(event: Event, rng: np.random.Generator) -> Event:
    """Some entries print no code, and some of those print the name a little differently."""
    if event.action != ADD or not event.uscc or rng.random() >= NO_CODE_SHARE:
        return event
    name = event.name
    if rng.random() < RESPELT_SHARE:
        if "(" in name:
            name = name.replace("(", "（").replace(")", "）")
        elif name.endswith("有限公司"):
            name = f"{name[:-4]} {name[-4:]}"
    return replace(event, uscc="", name=name)
