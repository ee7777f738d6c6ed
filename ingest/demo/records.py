"""The record book and the programme lists of the demo clusters. Most rules are kept; PLANTED says which are broken on
purpose, and a few facts are left out, so that "unknown" is seen as well."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ingest.demo.clusters import Cluster

RECORD_COLUMNS = (
    "对象代码", "对象名称", "事项", "内容", "生效日期", "失效日期", "文号", "文件日期", "备注", "数据性质",
)  # fmt: skip
PROGRAMME_COLUMNS = (
    "类别", "编号", "名称", "年度", "日期", "阶段", "集聚区代码", "县市区", "产业", "单位名称", "统一社会信用代码",
    "符合入库条件", "项目库编号", "备注", "数据性质",
)  # fmt: skip

# positions in the list of municipal clusters, and the rule that each breaks
PLANTED = {
    "R09": 0,  # enlarged without an approval
    "R18": 1,  # still discharges by the old standard
    "R13": 2,  # relaxed standard, unless its industry is emerging
    "R23": 4,  # its investment map has lapsed
    "R19": 6,  # no central treatment of sewage
    "R11": 3,  # revoked: an application for leaving, and no day of approval
}
SILENT = 7  # of this cluster nothing is recorded
MAP_LAPSED_DAYS = 40
SERVICE_PROJECTS_A_YEAR = {2025: 5, 2026: 4}
ANSWERED_YES = (
    "管理机构明确", "区域界限清晰", "主导产业鲜明", "基础设施较完善",
    "符合国民经济和社会发展规划", "符合国土空间规划", "符合专项规划",
)  # fmt: skip
DONE = (
    ("OB01", "集聚区管理办法(演示)", date(2025, 6, 20)),
    ("OB02", "2025年度重点工作要点(演示)", date(2025, 3, 5)),
    ("OB02", "2026年度重点工作要点(演示)", date(2026, 3, 12)),
    ("OB03", "推进会会议记录(演示)", date(2026, 7, 8)),
    ("OB04", "9月调度通报(演示)", date(2026, 9, 28)),
    ("OB04", "10月调度通报(演示)", date(2026, 10, 28)),
    ("OB14", "2025年度综合评价表(演示)", date(2025, 12, 20)),
    ("OB19", "三张清单(演示)", date(2026, 6, 30)),
)


def write_records(path: Path, titles: list[Cluster], seed: int, reference_date: date) -> int:
    """One fact a line, as CSV (UTF-8 with a byte order mark); returns the number of lines."""
    rng = np.random.default_rng([seed, 50])
    clusters = [title for title in titles if title.tier == "市级" and title.status != "公示"]
    lines: list[tuple[object, ...]] = []
    for position, cluster in enumerate(clusters):
        if position != SILENT:
            lines += _of_cluster(cluster, position, rng, reference_date)
    lines += [
        (code, None, "完成", artifact, day, None, None, None, None)
        for code, artifact, day in DONE
        if day <= reference_date
    ]
    return _write(path, RECORD_COLUMNS, lines)


def write_programmes(
    path: Path,
    titles: list[Cluster],
    members: pl.DataFrame,
    areas: list[str],
    seed: int,
    reference_date: date,
) -> int:
    """One entry a line, as CSV (UTF-8 with a byte order mark); returns the number of lines."""
    rng = np.random.default_rng([seed, 51])
    clusters = [t for t in titles if t.tier == "市级" and t.status == "公布"]
    firms = members.filter(pl.col("valid_to").is_null()).rows(named=True)
    lines: list[tuple[object, ...]] = []

    def add(
        kind: str,
        code: str,
        title: str | None,
        day: date,
        stage: str | None = None,
        cluster: Cluster | None = None,
        industry: str | None = None,
        firm: dict[str, Any] | None = None,
        eligible: str | None = None,
        library: str | None = None,
    ) -> None:
        lines.append(
            (
                kind, code, title, day.year, day, stage, cluster.code if cluster else None,
                areas[cluster.area] if cluster else None, industry, firm["name"] if firm else None,
                firm["uscc"] if firm else None, eligible, library, None,
            )
        )  # fmt: skip

    def day_in(year: int) -> date:
        return min(date(year, 1, 15) + timedelta(days=int(rng.integers(0, 280))), reference_date)

    for year, count in SERVICE_PROJECTS_A_YEAR.items():
        for number in range(1, count + 1):
            add(
                "海洋服务业重点项目",
                f"YSFW{year}{number:02d}",
                f"演示海洋服务业项目{year}-{number}",
                day_in(year),
                "获支持",
            )
    for number in range(1, 13):
        cluster = clusters[number % len(clusters)]
        own = rng.random() < 0.7
        other = clusters[(number + 1) % len(clusters)].industry
        add(
            "招商项目", f"YSZS2026{number:02d}", f"演示招商项目{number}", day_in(2026), "签约", cluster,
            cluster.industry if own else other,
        )  # fmt: skip
        eligible = number % 3 != 0
        add(
            "重点项目", f"YSZD2026{number:02d}", f"演示重点项目{number}", day_in(2026), "开工", cluster, cluster.industry,
            eligible="是" if eligible else "否", library=f"HYQS2026{number:03d}" if eligible and number != 1 else None,
        )  # fmt: skip
    for number, position in enumerate(rng.permutation(len(firms))[:10], start=1):
        add("数转智改试点", f"YSSZ2026{number:02d}", None, day_in(2026), firm=firms[position])
    for number, position in enumerate(rng.permutation(len(firms))[:3], start=1):
        add("蓝色人才专项", f"YSRC2026{number:02d}", None, day_in(2026), firm=firms[position])
    return _write(path, PROGRAMME_COLUMNS, lines)


def _of_cluster(
    cluster: Cluster, position: int, rng: np.random.Generator, reference_date: date
) -> Iterable[tuple[object, ...]]:
    assert cluster.recognised_on is not None  # nobody records anything of one that is only proposed
    start = cluster.recognised_on

    def fact(
        item: str,
        value: str,
        day: date = start,
        until: date | None = None,
        number: str | None = None,
        number_on: date | None = None,
    ) -> tuple[object, ...]:
        return (cluster.code, cluster.name, item, value, day, until, number, number_on, None)

    paper = f"演示集聚〔{start.year}〕{position + 1}号"
    yield fact(
        "申报标准版本",
        "放宽标准(演示)" if position == PLANTED["R13"] else "申报标准(演示)",
        number=paper,
        number_on=start,
    )
    for item in ANSWERED_YES:
        if rng.random() < 0.95:
            yield fact(item, "是")
    area = cluster.land_area_km2
    yield fact("核准陆域面积", f"{area:g}", number=paper, number_on=start)
    if position == PLANTED["R09"]:
        yield fact("核准陆域面积", f"{area + 0.6:g}", day=start + timedelta(days=200))
    if cluster.revoked_on and position == PLANTED["R11"]:
        yield fact(
            "退出",
            "申请退出",
            day=cluster.revoked_on - timedelta(days=30),
            number=f"演示退〔{start.year}〕1号",
        )
    yield fact("出水执行标准", "一级A" if position == PLANTED["R18"] else "地表水准Ⅳ类")
    yield fact("污水集中处理设施", "否" if position == PLANTED["R19"] else "是")
    outfalls = int(rng.integers(1, 5))
    yield fact("排污口数", str(outfalls))
    yield fact("在线监测排污口数", str(int(rng.integers(0, outfalls + 1))))
    if rng.random() < 0.8:
        yield fact("集中供气供热覆盖率", "100")
    lapsed = position == PLANTED["R23"]
    until = reference_date - timedelta(days=MAP_LAPSED_DAYS) if lapsed else None
    yield fact("招商图谱", "第一版(演示)", until=until)
    if start.year < reference_date.year:
        yield fact(
            "综合评价招商引资得分", str(int(rng.integers(60, 96))), day=date(reference_date.year - 1, 12, 20)
        )
    yield fact("基站数", str(int(rng.integers(10, 80))))


def _write(path: Path, columns: tuple[str, ...], lines: list[tuple[object, ...]]) -> int:
    printed = [tuple(None if value is None else str(value) for value in line) + ("演示",) for line in lines]
    frame = pl.DataFrame(printed, schema=dict.fromkeys(columns, pl.String), orient="row")
    path.write_bytes(frame.write_csv(include_bom=True, line_terminator="\r\n").encode("utf-8"))
    return frame.height
