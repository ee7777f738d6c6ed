"""Where demo firms are registered, where they are, which places head their names. No firm is made here."""

from dataclasses import dataclass

import numpy as np

from ingest.demo.pools import Plan, profile

CITY_CODE = "370700"

# Zones have no registering authority of their own in the profile: their firms stand under the county around
# them or under the city.
_ZONES_OF_AUTHORITY = {
    "370705": {"kuiwen": 0.62, "gaoxin": 0.36, "zongbao": 0.02},
    "370703": {"hanting": 0.60, "binhai": 0.30, "jingji": 0.10},
    "370704": {"fangzi": 0.78, "xiashan": 0.16, "zongbao": 0.06},
}
_ZONES_OF_CITY = {"gaoxin": 0.27, "binhai": 0.13, "jingji": 0.04, "xiashan": 0.03, "zongbao": 0.03}

# Slots of a place prefix, in the proportions that give names the profile's lengths:
# {short} 寿光, {name} 寿光市, {district} 潍坊市坊子区 or 寿光市, {full} the area's full name.
_STYLES = {
    "company": (
        ["潍坊"] * 15 + ["潍坊市"] + ["山东"] * 9 + ["{short}"] * 9 + ["{name}"] * 2 + ["山东{short}"] * 2
        + ["山东省潍坊市", "山东省{district}", "{district}", "{full}"] + ["山东省潍坊市{name}"] * 5
    ),
    "local": (
        ["{district}"] * 18 + ["{short}"] * 2 + ["{name}"] * 8 + ["潍坊市"] * 6 + ["山东省{district}"] * 2
        + ["山东省潍坊市{name}"] * 4
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Places:
    """Lookup tables: authorities and areas with their probabilities, and prefixes by style, area and slot."""

    authority_codes: list[str]
    authority_cumulative: np.ndarray
    area_cumulative: np.ndarray  # (authority, area)
    area_names: list[str]
    area_full_names: list[str]
    area_shorts: list[str]
    prefixes: list[str]
    prefix_start: dict[str, np.ndarray]  # by style: start of each area's slots
    prefix_slots: dict[str, int]

    def draw(self, rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Registering authority and true area of some firms."""
        authority = _pick(self.authority_cumulative[None, :], rng.random(rows))
        area = _pick(self.area_cumulative[authority], rng.random(rows))
        return authority, area


def short_name(area_name: str) -> str:
    """寿光市 → 寿光, 高新区 → 高新: as places stand in names of firms and clusters."""
    return area_name[:-1] if area_name[-1] in "市县区" and len(area_name) > 2 else area_name


def read_places(plan: Plan) -> Places:
    """Places of the profile's authorities on the plan's areas. Raises DemoError if a zone is missing."""
    counts = profile()["weifang_reg_authority"]
    by_code = {row["admin_code"]: number for number, row in enumerate(plan.areas) if row["admin_code"]}
    county_weight = np.zeros(len(plan.areas))
    for code, number in by_code.items():
        county_weight[number] = counts.get(code, 0)
    county_weight /= county_weight.sum()

    codes, area_weights = list(counts), []
    for code in codes:
        weight = np.zeros(len(plan.areas))
        if code in _ZONES_OF_AUTHORITY:
            for area_id, share in _ZONES_OF_AUTHORITY[code].items():
                weight[plan.area_index(area_id)] = share
        elif code == CITY_CODE:
            weight += county_weight * (1 - sum(_ZONES_OF_CITY.values()))
            for area_id, share in _ZONES_OF_CITY.items():
                weight[plan.area_index(area_id)] += share
        elif code in by_code:
            weight[by_code[code]] = 1.0
        else:  # a handful registered elsewhere in the province
            weight = county_weight
        area_weights.append(weight)

    prefixes: list[str] = []
    starts: dict[str, np.ndarray] = {}
    for style, slots in _STYLES.items():
        start = []
        for row in plan.areas:
            start.append(len(prefixes))
            name = row["name_zh"]
            is_district = row["area_type_zh"] in ("市辖区", "市属开发区")
            prefixes += [
                slot.format(
                    short=short_name(name),
                    name=name,
                    district=f"潍坊市{name}" if is_district else name,
                    full=row["full_name_zh"],
                )
                for slot in slots
            ]
        starts[style] = np.array(start)
    return Places(
        codes,
        np.cumsum([counts[code] for code in codes]) / sum(counts.values()),
        np.cumsum(area_weights, axis=1) / np.sum(area_weights, axis=1, keepdims=True),
        [row["name_zh"] for row in plan.areas],
        [row["full_name_zh"] for row in plan.areas],
        [short_name(row["name_zh"]) for row in plan.areas],
        prefixes,
        starts,
        {style: len(slots) for style, slots in _STYLES.items()},
    )


def _pick(cumulative: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """First column whose cumulative probability exceeds the draw; the last column absorbs rounding."""
    picked: np.ndarray = np.minimum((uniform[:, None] >= cumulative).sum(axis=1), cumulative.shape[1] - 1)
    return picked
