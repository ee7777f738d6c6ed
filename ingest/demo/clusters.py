"""The cluster register and the clusters' member firms. The plan's rules are checked elsewhere; a few titles
break one on purpose, so that the checks have something to find."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ingest.demo.errors import DemoError
from ingest.demo.places import Places, short_name
from ingest.demo.pools import Plan
from ingest.demo.sheets import write_workbook

SHEET = "集聚区名录"
COLUMNS = (
    ("集聚区代码", None),
    ("名称", None),
    ("级别", None),
    ("批次", None),
    ("认定", "认定日期"),
    ("认定", "状态"),
    ("认定", "撤销日期"),
    ("区位", "县市区"),
    ("区位", "陆域面积"),
    ("区位", "载体类型"),
    ("产业", "主导产业"),
    ("运营", "管理机构"),
    ("运营", "链主企业"),
    ("运营", "链主企业信用代码"),
    ("运营", "产业联盟"),
)
MEMBER_COLUMNS = (
    "集聚区代码",
    "统一社会信用代码",
    "企业名称",
    "入区日期",
    "退出日期",
    "认定依据",
    "数据性质",
)
EVIDENCE = ("入驻协议", "不动产登记地址", "管理机构出具证明", "注册地址在区内")
CARRIERS = ("开发区", "产业园区", "功能区")

MEMBERS_PER_CLUSTER = 36
LEFT_SHARE = 0.04
# municipal titles by year before the reference year, then one that is only proposed
MUNICIPAL_BATCHES = ((2, 2), (1, 3), (0, 4))
# positions in the list of municipal clusters
REVOKED, TOO_LARGE, NO_LEADER, NO_MANAGEMENT = 3, 5, 6, 7
PROVINCIAL = (0, 1)
FIRST_PAIR = ("binhai", "IF02")


@dataclass(frozen=True)
class Cluster:
    """One title: a cluster with two tiers has two rows of the same code."""

    code: str
    name: str
    tier: str
    batch: str
    recognised_on: date | None
    status: str
    revoked_on: date | None
    area: int
    land_area_km2: float
    carrier: str
    industry: str
    family_id: str
    management_body: str | None
    leader_name: str | None
    leader_uscc: str | None
    has_alliance: str


def make_clusters(
    plan: Plan, frame: pl.DataFrame, others: pl.DataFrame, seed: int, reference_date: date
) -> tuple[list[Cluster], pl.DataFrame]:
    """Titles, and members: code, uscc, name, area, valid_from, valid_to, evidence, in_frame.

    Every pair of area and industry is one the plan assigns, and none is used twice.
    """
    rng = np.random.default_rng([seed, 20])
    pairs = _pairs(plan, rng)
    pool = _pool(frame, others)
    titles: list[Cluster] = []
    members: list[dict[str, Any]] = []
    taken: set[str] = set()
    number = 0
    for years_before, count in (*MUNICIPAL_BATCHES, (0, 1)):
        proposed = number == sum(n for _, n in MUNICIPAL_BATCHES)
        recognised = _day_of(reference_date, years_before, 11 - 2 * (years_before == 0), 18)
        for _ in range(count):
            title = _title(plan, pairs[number], number, recognised, proposed, rng, reference_date)
            firms = [] if proposed else _members(title, pool, taken, rng, reference_date)
            if firms and number != NO_LEADER:
                title = replace(title, leader_name=firms[0]["name"], leader_uscc=firms[0]["uscc"])
            titles.append(title)
            members += firms
            number += 1
    for years_before, position in zip((1, 0), PROVINCIAL, strict=True):
        titles.append(_provincial(titles[position], years_before, reference_date))
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        name: pl.String for name in ("code", "uscc", "name", "evidence")
    }
    schema |= {"area": pl.Int64, "valid_from": pl.Date, "valid_to": pl.Date, "in_frame": pl.Boolean}
    return titles, pl.DataFrame(members, schema=schema)


def write_clusters(path: Path, titles: list[Cluster], places: Places, reference_date: date) -> int:
    """The register of titles as a workbook; returns the number of titles."""
    rows = [
        (
            title.code, title.name, title.tier, title.batch,
            title.recognised_on, title.status, title.revoked_on,
            places.area_names[title.area], title.land_area_km2, title.carrier, title.industry,
            title.management_body, title.leader_name, title.leader_uscc, title.has_alliance,
        )
        for title in titles
    ]  # fmt: skip
    write_workbook(
        path, SHEET, "演示数据 海洋特色产业集聚区名录", "单位:平方公里", COLUMNS, rows, [], reference_date
    )
    return len(rows)


def write_members(path: Path, members: pl.DataFrame) -> int:
    """Member firms as CSV (UTF-8 with a byte order mark); returns the number of memberships."""
    columns = ("code", "uscc", "name", "valid_from", "valid_to", "evidence")
    printed = members.select(columns).with_columns(pl.lit("演示").alias(MEMBER_COLUMNS[-1]))
    printed = printed.rename(dict(zip(columns, MEMBER_COLUMNS, strict=False)))
    path.write_bytes(printed.write_csv(include_bom=True, line_terminator="\r\n").encode("utf-8"))
    return printed.height


def _pairs(plan: Plan, rng: np.random.Generator) -> list[dict[str, str]]:
    """Assigned pairs in the order used: no area more than twice, future industries last."""
    pairs = [plan.area_industries[number] for number in rng.permutation(len(plan.area_industries))]
    pairs.sort(
        key=lambda pair: ((pair["area_id"], pair["family_id"]) != FIRST_PAIR, pair["family_id"] == "IF16")
    )
    chosen: list[dict[str, str]] = []
    used: dict[str, int] = {}
    for pair in pairs:
        if used.get(pair["area_id"], 0) < 2:
            chosen.append(pair)
            used[pair["area_id"]] = used.get(pair["area_id"], 0) + 1
    needed = sum(count for _, count in MUNICIPAL_BATCHES) + 1
    if len(chosen) < needed:
        raise DemoError(
            f"plan_area_industries.csv: {needed} pairs of at most two per area are needed, found {len(chosen)}"
        )
    return chosen


def _pool(frame: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    columns = ("uscc", "name", "area", "family_id")
    current = frame.filter(pl.col("exited_on").is_null())
    return pl.concat(
        [
            current.select(*columns, in_frame=pl.lit(True)),
            others.select(*columns, in_frame=pl.lit(False)),
        ]
    )


def _title(
    plan: Plan,
    pair: dict[str, str],
    number: int,
    recognised: date,
    proposed: bool,
    rng: np.random.Generator,
    reference_date: date,
) -> Cluster:
    area = plan.area_index(pair["area_id"])
    place = short_name(plan.areas[area]["name_zh"])
    industry = pair["industry_raw_zh"]
    name = f"潍坊{place}(演示){_stem(industry)}产业集聚区"
    revoked = number == REVOKED
    land = 12.6 if number == TOO_LARGE else round(2 + 7.8 * rng.random(), 2)
    return Cluster(
        code=f"YS{recognised.year}{number + 1:02d}",
        name=name,
        tier="市级",
        batch=f"{recognised.year}年第一批" if not proposed else f"{reference_date.year}年第二批",
        recognised_on=None if proposed else recognised,
        status="公示" if proposed else "撤销" if revoked else "公布",
        revoked_on=min(recognised + timedelta(days=300), reference_date - timedelta(days=20))
        if revoked
        else None,
        area=area,
        land_area_km2=land,
        carrier=str(rng.choice(CARRIERS)),
        industry=industry,
        family_id=pair["family_id"],
        management_body=None if number == NO_MANAGEMENT else f"{name}管理服务中心",
        leader_name=None,
        leader_uscc=None,
        has_alliance="是" if rng.random() < 0.6 and number != NO_LEADER and not proposed else "否",
    )


def _provincial(municipal: Cluster, years_before: int, reference_date: date) -> Cluster:
    assert municipal.recognised_on is not None  # PROVINCIAL names recognised ones only
    recognised = _day_of(reference_date, years_before, 3 if years_before else 7, 21)
    # the province's list follows the city's: an early reference date must not turn that round
    recognised = max(recognised, municipal.recognised_on + timedelta(days=30))
    return replace(
        municipal,
        tier="省级",
        batch="第一批" if years_before else "第三批",
        recognised_on=min(recognised, reference_date - timedelta(days=3)),
    )


def _members(
    title: Cluster, pool: pl.DataFrame, taken: set[str], rng: np.random.Generator, reference_date: date
) -> list[dict[str, Any]]:
    """Firms of the area, those of the leading industry and of the frame first; the first firm leads."""
    assert title.recognised_on is not None  # one that is only proposed has no members yet
    local = pool.filter((pl.col("area") == title.area) & ~pl.col("uscc").is_in(list(taken)))
    if not local.height:
        return []
    order = np.lexsort(
        (
            rng.random(local.height),
            ~local["in_frame"].to_numpy(),
            -(local["family_id"] == title.family_id).to_numpy().astype(int),
        )
    )
    marine = int((local["family_id"] == title.family_id).sum())
    # marine firms, at most two thirds, then others of the area that stand in the frame
    wanted = min(MEMBERS_PER_CLUSTER, max(local.height // 2, 1))
    core = order[: min(marine, 2 * wanted // 3 or 1)]
    rest = np.setdiff1d(order, core)
    in_frame = local["in_frame"].to_numpy()
    rest = rest[np.lexsort((rng.random(len(rest)), ~in_frame[rest]))]
    firms = local[np.concatenate([core, rest[: wanted - len(core)]]).tolist()]
    made = []
    for position, firm in enumerate(firms.iter_rows(named=True)):
        taken.add(firm["uscc"])
        start = title.recognised_on + timedelta(days=int(rng.integers(0, 500)) if rng.random() < 0.2 else 0)
        start = min(start, title.revoked_on or reference_date)
        end = title.revoked_on
        if end is None and position and rng.random() < LEFT_SHARE:
            end = start + timedelta(days=int(rng.integers(0, (reference_date - start).days + 1)))
        made.append(
            {
                "code": title.code, "uscc": firm["uscc"], "name": firm["name"], "area": firm["area"],
                "valid_from": start, "valid_to": end, "evidence": str(rng.choice(EVIDENCE)),
                "in_frame": firm["in_frame"],
            }
        )  # fmt: skip
    return made


def _stem(industry: str) -> str:
    """海洋高端化工产业 → 海洋高端化工, 海工装备制造业 → 海工装备制造: what stands before 产业集聚区."""
    for ending in ("产业", "业"):
        if industry.endswith(ending) and not industry.endswith(("渔业", "服务业")):
            return industry[: -len(ending)]
    return industry


def _day_of(reference_date: date, years_before: int, month: int, day: int) -> date:
    return min(date(reference_date.year - years_before, month, day), reference_date - timedelta(days=5))
