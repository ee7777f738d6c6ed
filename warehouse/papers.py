"""What the papers of a release say, as tables in Chinese: the same rows for workbook, bulletin and PDF.

Every value is read from a mart; here it only gets its label, its order and its source in words. How a table looks is the
business of the module that prints it.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal

from warehouse import words
from warehouse.charts import MARKS, SYMBOLS
from warehouse.progress import ORIGINS, STATUSES, UNITS, TargetProgress, bands_zh, newest_full, plan_progress
from warehouse.reader import NULL, run_query
from warehouse.release import NIGHT_ZONE, Release
from warehouse.words import chinese

DEMO_MARK = "演示"
DEMO_WARNING = "含演示数据(合成,非真实),标“演示”者不得对外引用"
TIERS, CATEGORIES = chinese(words.TIERS), chinese(words.CATEGORIES)
ACTIONS = chinese(words.ACTIONS)
RESULTS = chinese(words.RESULTS)
THRESHOLDS = chinese(words.RULE_THRESHOLDS)
SUBJECTS = {
    "cluster": "集聚区", "cluster_year": "集聚区·年度", "area": "地区", "area_industry": "地区·产业", "city_year": "全市·年度",
    "enterprise": "企业", "task": "任务", "department": "部门", "project": "项目",
}  # fmt: skip
LEDGER, OBLIGATIONS = chinese(words.TASK_STATUSES), chinese(words.OBLIGATION_STATUSES)
GRANTS, ROLES = chinese(words.CLUSTER_STATUSES), chinese(words.ROLES)
SCOPES = {"all": "全部规上工业企业", "in_cluster": "集聚区内", "marine": "涉海行业"}
BASES = {"current": "现价", "constant": "可比价"} | TIERS | SCOPES
GROUPS = {"county": "县市区", "zone": "市属开发区"}
REVISION_KINDS = chinese(words.REVISIONS)
SOURCE_STATES = chinese(words.SOURCE_STATES)
SEVERITIES, CHECK_SEVERITIES = chinese(words.RULE_SEVERITIES), chinese(words.SEVERITIES)
CHECK_STATUSES, VINTAGES = chinese(words.CHECK_STATUSES), chinese(words.VINTAGES)
#: units that are counted, not measured
COUNTED = frozenset({"个", "家", "项", "户", "行", ""})

Kind = Literal["text", "figure", "count", "ratio", "date", "status"]


class ExportError(Exception):
    """What was asked for is not in the release, or cannot be written."""


@dataclass(frozen=True)
class Month:
    """A month of the bulletin, such as 2026-11."""

    text: str

    @property
    def first(self) -> date:
        year, month = map(int, self.text.split("-"))
        return date(year, month, 1)

    @property
    def last(self) -> date:
        return self.first.replace(day=calendar.monthrange(self.first.year, self.first.month)[1])

    def __contains__(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last


@dataclass(frozen=True)
class Column:
    """A column as people read it. figure: a number in the row's own unit (`unit_zh`); ratio: 1 is 100%."""

    name: str
    zh: str
    kind: Kind = "text"
    width: int = 12


@dataclass(frozen=True)
class Table:
    """A table with what must stand beside it. A row is a dict by column name, and may say `colour` and `demo`.

    name: ASCII, unique in a workbook. unit_zh: "" where each row says its own. empty: what is said where there is no row.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[dict[str, Any], ...]
    unit_zh: str = ""
    notes: tuple[str, ...] = ()
    empty: str = "本版本无此项记录"

    @property
    def demo(self) -> bool:
        return any(row.get("demo") for row in self.rows)


@dataclass(frozen=True)
class Standing:
    """One target with what is printed beside it. news_on: the day on which its newest source came out or took effect,
    None where that is not known to the day; news_zh: the same as exactly as it is known.
    """

    target: TargetProgress
    source: str
    news_on: date | None
    news_zh: str

    @property
    def demo(self) -> bool:
        return self.target.data_origin == "demo" and self.target.value is not None

    @property
    def status_text(self) -> str:
        return f"{SYMBOLS.get(self.target.status, '')} {self.target.status_zh}".strip()

    @property
    def vintage_zh(self) -> str:
        return VINTAGES.get(self.target.vintage or "", self.target.vintage or NULL)


class Papers:
    """The tables of one release. Asked once, answers are kept: a release never changes."""

    def __init__(self, release: Release) -> None:
        self.release = release

    # ── what stands at the head of everything ──────────────────────────────────────────────────────────────────

    @cached_property
    def head(self) -> dict[str, Any]:
        """Plan, banner, days, version: `title_zh`, `banner` (None once in force), `as_of`, `release_id`, …"""
        about = self._rows("select * from meta.release")[0]
        plans = self._rows(f"select * from plan_versions where plan_version = '{about['plan_version']}'")
        plan = plans[0] if plans else {}
        cities = self._rows("select name_zh, area_id from dim_area where area_level = 'city' limit 1")
        as_of = about["as_of_date"]
        return {
            "title_zh": plan.get("title_zh", ""),
            "plan_version": about["plan_version"],
            "banner": about["banner_zh"] if about["plan_status"] == "draft" else None,
            "as_of": as_of if isinstance(as_of, date) else date.fromisoformat(as_of),
            "built_at": datetime.fromisoformat(about["built_at"]),
            "release_id": about.get("release_id") or about["id"],
            "city": cities[0]["name_zh"] if cities else "",
            "city_id": cities[0]["area_id"] if cities else "",
            "issuer": plan.get("issuer_zh") or "",
            "audited": self._has("meta", "checks"),
        }

    @property
    def lines(self) -> tuple[str, ...]:
        """The title block in words, line by line."""
        head = self.head
        plan = f"方案版本:{head['title_zh']}({head['plan_version']})"
        return (
            plan + (f"【{head['banner']}】" if head["banner"] else ""),
            f"数据截至:{day_zh(head['as_of'])}    版本号:{head['release_id']}    "
            f"生成时间:{head['built_at'].astimezone(NIGHT_ZONE):%Y-%m-%d %H:%M}(北京时间)",
            *(
                []
                if head["audited"]
                else ["本表按当日已知资料重新推算,供追溯之用,未经检查套件核查,不是发布版本"]
            ),
        )

    @cached_property
    def demo(self) -> bool:
        """Whether any figure of the readable tables rests on demo data."""
        return any(table.demo for table in self.readable())

    # ── targets ────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """Every target of the plan followed, in order of id, with its source in words."""
        found: dict[tuple[str, str | None], list[dict[str, Any]]] = {}
        for row in self._target_sources():
            found.setdefault((row["target_id"], row["period"]), []).append(row)
        return tuple(self._standing(one, found.get((one.target_id, one.period), [])) for one in self._targets)

    def standing_of(self, indicator_code: str, tier: str | None = None) -> Standing | None:
        """The plan's target of an indicator (and tier) whose year comes first; None where it has none."""
        of = self._rows(f"""
            select target_id from dim_target
            where plan_version = '{self.head["plan_version"]}' and indicator_code = '{indicator_code}'
                and {"tier is null" if tier is None else f"tier = '{tier}'"}
            order by target_year nulls last, target_id
        """)
        ids = [row["target_id"] for row in of][:1]
        return next((one for one in self.standings if one.target.target_id in ids), None)

    @cached_property
    def _targets(self) -> list[TargetProgress]:
        version = self.head["plan_version"]
        return [one for one in plan_progress(self.release) if one.plan_version == version]

    def _standing(self, target: TargetProgress, rows: list[dict[str, Any]]) -> Standing:
        if target.value is None:
            return Standing(target, NULL, None, NULL)
        # of what is dated to a year alone nobody can say that it came out in a month
        days = [row["day"] for row in rows if row["day"] and row["published_precision"] != "year"]
        dated = sorted((row for row in rows if row["day"]), key=lambda row: row["day"])
        newest = print_day(dated[-1]["day"], dated[-1]["published_precision"]) if dated else None
        titles: dict[str, list[str | None]] = {}
        for row in rows:
            if name := row["title"] or row["source_title"]:
                day = print_day(row["published_on"], row["published_precision"])
                titles.setdefault(name, []).append(day)
        parts = [f"{name}({_published(days_of)})" for name, days_of in titles.items()]
        text = ";".join(parts[:3]) + (f"等{len(parts)}项来源" if len(parts) > 3 else "")
        if not text:
            text = (
                "演示登记与评估数据" if target.data_origin == "demo" else "由明细推算,见 plan_progress 的追溯"
            )
        return Standing(target, text, max(days, default=None), newest or "日期不详")

    def _target_sources(self) -> list[dict[str, Any]]:
        """Rows behind each target and period, with the day on which each came out or took effect."""
        version = self.head["plan_version"]
        kept = self._has("meta", "provenance")
        provenance = (
            "(select provenance_id, source_id, origin_title, published_on, published_precision from meta.provenance)"
            if kept
            else "(select null::varchar as provenance_id, null::varchar as source_id, null::varchar as origin_title,"
            " null::date as published_on, null::varchar as published_precision where false)"
        )
        return self._rows(f"""
            with behind as (
                select distinct target_id, period, unnest(string_split(source_row_ids, ';')) as row_id
                from plan_progress
                where plan_version = '{version}'
            )

            select
                behind.target_id, behind.period, row_id, cells.published_on, cells.published_precision,
                coalesce(cells.origin_title, events.origin_title, titles.origin_title) as title,
                sources.title_zh as source_title,
                coalesce(
                    cells.published_on, events.published_on, events.effective_on, titles.published_on, titles.recognised_on
                ) as day
            from behind
            left join {provenance} as cells on row_id = cells.provenance_id
            left join fct_green_event as events on row_id = events.event_id
            left join fct_cluster_title as titles on row_id = titles.title_id
            left join dim_source as sources
                on coalesce(cells.source_id, events.source_id, titles.source_id) = sources.source_id
            order by all
        """)

    def targets(self) -> Table:
        rows = []
        for one in self.standings:
            target = one.target
            rows.append(
                {
                    "target_id": target.target_id,
                    "label": target.label_zh,
                    "target": target.target_text,
                    "year": str(target.target_year) if target.target_year else "每年",
                    "value": target.value,
                    "unit_zh": target.unit_zh,
                    "period": target.period if target.value is not None else None,
                    "vintage": one.vintage_zh if target.value is not None else None,
                    "published_on": one.news_zh,
                    "base": target.base_text,
                    "ratio": target.ratio,
                    "status": one.status_text,
                    "gap": target.gap,
                    "origin": target.origin_zh,
                    "source": one.source,
                    "reason": target.reason,
                    "colour": target.colour,
                    "demo": one.demo,
                }
            )
        return Table(
            "targets",
            "目标完成情况表",
            (
                Column("target_id", "编号", width=7),
                Column("label", "指标", width=30),
                Column("target", "目标值", width=13),
                Column("year", "目标年", width=7),
                Column("value", "当期值", "figure", 11),
                Column("unit_zh", "单位", width=9),
                Column("period", "期别", width=9),
                Column("vintage", "版次", width=9),
                Column("published_on", "公布(认定)日期", width=12),
                Column("base", "基期值(基期)", width=15),
                Column("ratio", "进度比", "ratio", 9),
                Column("status", "状态", "status", 12),
                Column("gap", "缺口", "figure", 10),
                Column("origin", "数据性质", width=8),
                Column("source", "数据来源", width=34),
                Column("reason", "说明", width=26),
            ),
            tuple(rows),
            notes=(
                bands_zh(self.release.manifest.get("parameters", {})),
                "“—”为未公布、未报送或不可计算,不是零;缺口以目标的单位计,百分比之差为百分点。",
                "状态:" + "  ".join(f"{SYMBOLS[code]} {zh}" for code, (zh, _) in STATUSES.items()),
            ),
        )

    def by_colour(self) -> dict[str, list[Standing]]:
        """The targets that stand in each of the four colours."""
        return {code: [one for one in self.standings if one.target.colour == code] for code in MARKS}

    # ── areas ──────────────────────────────────────────────────────────────────────────────────────────────────

    def ranking(self) -> Table:
        """Every indicator's newest period in which more than half of the areas have a value, ranked as the mart ranks."""
        rows = self._rows("""
            select
                scores.*, areas.name_zh, areas.display_order,
                coalesce(indicators.name_zh, scores.indicator) as indicator_zh
            from area_scorecard as scores
            left join dim_area as areas using (area_id)
            left join dim_indicator as indicators on scores.indicator = indicators.indicator_code
        """)
        series: dict[tuple[str, ...], dict[str, list[dict[str, Any]]]] = {}
        for row in rows:
            series.setdefault((row["indicator"], row["basis"]), {}).setdefault(row["period"], []).append(row)
        chosen = [row for periods in series.values() for row in periods[newest_full(periods)]]
        chosen.sort(
            key=lambda row: (
                row["indicator"], row["basis"] or "", row["compared_among"], row["rank"] is None, row["rank"] or 0,
                row["display_order"] or 0,
            )
        )  # fmt: skip
        return Table(
            "area_ranking",
            "县市区、开发区排名",
            (
                Column("indicator", "指标", width=26),
                Column("basis", "口径", width=16),
                Column("period", "期别", width=12),
                Column("group", "组别", width=11),
                Column("rank", "位次", "count", 7),
                Column("area", "地区", width=12),
                Column("value", "数值", "figure", 11),
                Column("unit_zh", "单位", width=9),
                Column("change", "位次变化", width=9),
                Column("ranked", "参评/全部", width=10),
                Column("origin", "数据性质", width=8),
                Column("reason", "说明", width=30),
            ),
            tuple(
                {
                    "indicator": row["indicator_zh"],
                    "code": row["indicator"],
                    "basis_code": row["basis"],
                    "among": row["compared_among"],
                    "basis": BASES.get(row["basis"], row["basis"]),
                    "period": row["period"],
                    "group": GROUPS.get(row["compared_among"], row["compared_among"]),
                    "rank": row["rank"],
                    "area": row["name_zh"] or row["area_id"],
                    "area_id": row["area_id"],
                    "value": row["value"],
                    "unit_zh": UNITS.get(row["unit"], row["unit"] or ""),
                    "change": _change(row["rank_change"]),
                    "ranked": f"{row['n_ranked']}/{row['n_areas']}",
                    "origin": _origin(row),
                    "reason": row["reason"],
                    "demo": _demo(row),
                }
                for row in chosen
            ),
            notes=(
                "只在同期、同口径且有数值的单位之间排名,并列者同名次(1,2,2,4);县市区与市属开发区地域重叠,分开排名。",
                "每项指标取半数以上单位有数值的最近一期;“—”为无数值,不参加排名,不作零处理。位次变化:↑上升,↓下降,与上年同期相比(参评单位相同时)。",
            ),
        )

    def coverage(self) -> Table:
        """Digital-transformation coverage of every area at its newest day, all above-scale firms, with bounds."""
        rows = self._rows("""
            select coverage.*, areas.name_zh, areas.area_level
            from digital_coverage as coverage
            left join dim_area as areas using (area_id)
            where scope = 'all'
            qualify row_number() over (partition by coverage.area_id order by as_of desc) = 1
            order by areas.display_order
        """)
        return Table(
            "digital_coverage_areas",
            "规上工业企业数字化转型覆盖率",
            (
                Column("area", "地区", width=12),
                Column("as_of", "时点", "date", 12),
                Column("frame", "规上工业企业", "count", 12),
                Column("assessed", "已评估", "count", 10),
                Column("unassessed", "未评估", "count", 10),
                Column("transformed", "已转型", "count", 10),
                Column("value", "覆盖率(%)", "figure", 11),
                Column("low", "下界(%)", "figure", 10),
                Column("high", "上界(%)", "figure", 10),
                Column("published", "公布数(%)", "figure", 11),
                Column("origin", "数据性质", width=8),
                Column("reason", "说明", width=30),
            ),
            tuple(
                {
                    "area": row["name_zh"],
                    "area_id": row["area_id"],
                    "level": row["area_level"],
                    "as_of": row["as_of"],
                    "frame": row["frame_count"],
                    "assessed": row["assessed_count"],
                    "unassessed": None
                    if row["frame_count"] is None or row["assessed_count"] is None
                    else row["frame_count"] - row["assessed_count"],
                    "transformed": row["transformed_count"],
                    "value": row["coverage_pct"],
                    "low": row["coverage_low_pct"],
                    "high": row["coverage_high_pct"],
                    "published": row["published_coverage_pct"],
                    "unit_zh": "%",
                    "origin": _origin(row),
                    "reason": row["reason"],
                    "demo": _demo(row),
                }
                for row in rows
            ),
            unit_zh="家、%",
            notes=("下界:未评估企业全部算未转型;上界:全部算已转型。真值在两界之间。",),
        )

    def published_coverage(self) -> dict[str, Any] | None:
        """The newest coverage of the city that somebody published: value, as_of, source and its day; None without one."""
        if not self._has("meta", "provenance"):
            return None
        rows = self._rows(f"""
            select
                coverage.as_of, coverage.published_coverage_pct as value, cells.published_on, cells.published_precision,
                coalesce(cells.origin_title, sources.title_zh) as source
            from digital_coverage as coverage
            left join meta.provenance as cells on coverage.source_row_ids = cells.provenance_id
            left join dim_source as sources on cells.source_id = sources.source_id
            where coverage.area_id = '{self.head["city_id"]}' and scope = 'all' and published_coverage_pct is not null
            order by coverage.as_of desc, cells.published_on desc nulls last
            limit 1
        """)
        return rows[0] if rows else None

    # ── clusters ───────────────────────────────────────────────────────────────────────────────────────────────

    def clusters(self) -> Table:
        rows = self._rows("""
            select
                clusters.*, areas.name_zh as area_zh, cities.name_zh as city_zh, titles.batch, titles.recognised_on,
                titles.recognised_precision, sources.title_zh as source_zh, titles.origin_title
            from dim_cluster as clusters
            left join dim_area as areas on clusters.area_id = areas.area_id
            left join dim_area as cities on clusters.city_area_id = cities.area_id
            left join fct_cluster_title as titles
                on clusters.cluster_id = titles.cluster_id and clusters.highest_tier = titles.tier
            left join dim_source as sources on clusters.source_id = sources.source_id
            qualify row_number() over (partition by clusters.cluster_id order by titles.recognised_on desc nulls last) = 1
            order by clusters.highest_tier desc, clusters.cluster_id
        """)
        return Table(
            "clusters",
            "集聚区名录",
            (
                Column("name", "集聚区", width=34),
                Column("tier", "级别", width=8),
                Column("status", "认定状态", width=9),
                Column("area", "所在地区", width=11),
                Column("industry", "主导产业", width=18),
                Column("land", "陆域面积(平方公里)", "figure", 11),
                Column("leader", "链主企业", width=26),
                Column("alliance", "产业联盟", width=9),
                Column("members", "成员企业(家)", "count", 9),
                Column("recognised", "认定日期", width=12),
                Column("batch", "批次", width=13),
                Column("origin", "数据性质", width=8),
                Column("source", "数据来源", width=34),
            ),
            tuple(
                {
                    "name": row["cluster_name"],
                    "tier": TIERS.get(row["highest_tier"], row["highest_tier"]),
                    "code": row["status"],
                    "status": GRANTS.get(row["status"], row["status"]),
                    "area": row["area_zh"] or (f"{row['city_zh']}(县市区未见)" if row["city_zh"] else None),
                    "industry": row["industry_text"],
                    "land": row["land_area_km2"],
                    "unit_zh": "平方公里",
                    "leader": row["leader_name"],
                    "alliance": {True: "有", False: "无"}.get(row["has_alliance"]),
                    "members": row["members"],
                    "recognised": print_day(row["recognised_on"], row["recognised_precision"]),
                    "recognised_on": row["recognised_on"],
                    "batch": row["batch"],
                    "origin": _origin(row),
                    "source": row["origin_title"] or row["source_zh"],
                    "demo": _demo(row),
                }
                for row in rows
            ),
            notes=("“—”为名录未载,不等于没有。",),
        )

    def cluster_counts(self) -> Table:
        rows = self._rows(f"""
            select * from cluster_counts
            where area_id = '{self.head["city_id"]}'
            order by year, tier desc
        """)
        return Table(
            "cluster_counts_city",
            "全市集聚区数量",
            (
                Column("year", "年", width=8),
                Column("tier", "级别", width=8),
                Column("stock", "年末(当期)在册", "count", 14),
                Column("added", "当年认定", "count", 10),
                Column("removed", "当年撤销", "count", 10),
                Column("origin", "数据性质", width=8),
                Column("reason", "说明", width=36),
            ),
            tuple(
                {
                    "year": str(row["year"]),
                    "tier": TIERS.get(row["tier"], row["tier"]),
                    "stock": row["stock_titles"],
                    "added": row["recognised_in_year"],
                    "removed": row["revoked_in_year"],
                    "origin": _origin(row, "stock_titles"),
                    "reason": row["reason"],
                    "demo": _demo(row, "stock_titles"),
                }
                for row in rows
            ),
            unit_zh="个",
            notes=("按称号计,一个集聚区先后取得市级和省级称号的各计一次。",),
        )

    # ── rules ──────────────────────────────────────────────────────────────────────────────────────────────────

    def rules(self) -> Table:
        """How many subjects of every rule conform, do not, are unknown, are not concerned."""
        rows = self._rows(f"""
            select
                rule_id, any_value(rule_name_zh) as rule_name_zh, any_value(modality_zh) as modality_zh,
                any_value(severity) as severity, any_value(subject_type) as subject_type,
                count(*) filter (where result = 'pass')::integer as passed,
                count(*) filter (where result = 'violation')::integer as violated,
                count(*) filter (where result = 'unknown')::integer as unclear,
                count(*) filter (where result = 'not_applicable')::integer as unconcerned,
                case when bool_or(data_origin = 'demo') then 'demo'
                    when bool_or(data_origin = 'submitted') then 'submitted' else 'published' end as data_origin
            from ({self._newest_rules})
            group by rule_id
            order by rule_id
        """)
        return Table(
            "rule_summary",
            "规则核查汇总",
            (
                Column("rule_id", "规则", width=7),
                Column("name", "内容", width=44),
                Column("modality", "方案用语", width=12),
                Column("subject", "对象", width=12),
                Column("severity", "严重程度", width=9),
                Column("passed", "符合", "count", 8),
                Column("violated", "不符合", "count", 8),
                Column("unclear", "情况不明", "count", 9),
                Column("unconcerned", "不适用", "count", 8),
                Column("origin", "数据性质", width=9),
            ),
            tuple(
                {
                    "rule_id": row["rule_id"],
                    "name": row["rule_name_zh"],
                    "modality": row["modality_zh"],
                    "subject": SUBJECTS.get(row["subject_type"], row["subject_type"]),
                    "severity": SEVERITIES.get(row["severity"], row["severity"]),
                    "passed": row["passed"],
                    "violated": row["violated"],
                    "unclear": row["unclear"],
                    "unconcerned": row["unconcerned"],
                    "origin": "含演示" if row["data_origin"] == "demo" else _origin(row),
                    "colour": "red" if row["violated"] else "grey" if row["unclear"] else None,
                    "demo": _demo(row),
                }
                for row in rows
            ),
            unit_zh="个(对象数)",
            notes=(
                "情况不明:未见记录,既不能判为符合,也不能判为不符合;支持、鼓励、优先类条款未达到只提示,不判违。",
            ),
        )

    def findings(self) -> Table:
        """Every subject that a rule finds against, and every one of whom nothing is known."""
        rows = self._rows(f"""
            select * from ({self._newest_rules})
            where result in ('violation', 'unknown')
            order by result desc, case severity when 'error' then 1 when 'warn' then 2 else 3 end, rule_id, subject_name
        """)
        return Table(
            "rule_findings",
            "规则核查明细(不符合与情况不明)",
            (
                Column("rule_id", "规则", width=7),
                Column("name", "内容", width=28),
                Column("subject", "对象", width=32),
                Column("result", "结果", "status", 12),
                Column("severity", "严重程度", width=9),
                Column("observed", "实际", width=16),
                Column("threshold", "要求", width=14),
                Column("reason", "说明", width=36),
                Column("quote", "方案原文", width=40),
                Column("origin", "数据性质", width=8),
            ),
            tuple(
                {
                    "rule_id": row["rule_id"],
                    "name": row["rule_name_zh"],
                    "subject": row["subject_name"] or row["subject_id"],
                    "subject_type": row["subject_type"],
                    "code": row["result"],
                    "result": ("■ " if row["result"] == "violation" else "◇ ") + RESULTS[row["result"]],
                    "severity": SEVERITIES.get(row["severity"], row["severity"]),
                    "observed": row["observed"],
                    "threshold": THRESHOLDS.get(row["threshold"], row["threshold"]),
                    "reason": row["reason"],
                    "quote": row["plan_quote"],
                    "origin": ORIGINS.get(row["data_origin"], row["data_origin"]),
                    "colour": "red" if row["result"] == "violation" else "grey",
                    "demo": row["data_origin"] == "demo",
                }
                for row in rows
            ),
        )

    @property
    def _newest_rules(self) -> str:
        return (
            f"select * from cluster_compliance where plan_version = '{self.head['plan_version']}'"
            " and as_of = (select max(as_of) from cluster_compliance)"
        )

    # ── enterprises and green lists ────────────────────────────────────────────────────────────────────────────

    def green(self) -> Table:
        rows = self._rows(f"""
            select * from green_titles
            where area_id = '{self.head["city_id"]}'
            qualify year = max(year) over (partition by tier)
            order by case tier when 'national' then 1 when 'provincial' then 2 else 3 end, scope,
                case category when 'all' then 9 else 1 end, category
        """)
        return Table(
            "green_titles_city",
            "绿色制造名单在册数(全市,各级别最近一年)",
            (
                Column("tier", "级别", width=9),
                Column("scope", "范围", width=12),
                Column("category", "类别", width=22),
                Column("year", "年", width=8),
                Column("entities", "单位数(家)", "count", 11),
                Column("titles", "称号数(个)", "count", 11),
                Column("added", "当年新增", "count", 10),
                Column("removed", "当年移出", "count", 10),
                Column("renamed", "当年更名", "count", 10),
                Column("unresolved", "未与企业对应", "count", 12),
                Column("origin", "数据性质", width=8),
                Column("reason", "说明", width=36),
            ),
            tuple(
                {
                    "tier": TIERS.get(row["tier"], row["tier"]),
                    "scope": {"all": "全市", "in_cluster": "集聚区内"}.get(row["scope"], row["scope"]),
                    "category": CATEGORIES.get(row["category"], row["category"]),
                    "year": str(row["year"]),
                    "entities": row["entities"],
                    "titles": row["titles"],
                    "added": row["added"],
                    "removed": row["removed"],
                    "renamed": row["renamed"],
                    "unresolved": row["unresolved"],
                    "origin": _origin(row, "entities"),
                    "reason": row["reason"],
                    "demo": _demo(row, "entities"),
                }
                for row in rows
            ),
            notes=(
                "同一单位可有几个称号;“未与企业对应”者未与企业名录关联,是否在集聚区内不明,集聚区内未计入。",
            ),
        )

    def green_events(self, since: date | None = None, until: date | None = None) -> Table:
        """Events of the green lists in the city, of a span of days, else all of them."""
        span = "true"
        if since and until:
            span = f"effective_on between date '{since}' and date '{until}'"
        rows = self._rows(f"""
            select events.*, areas.name_zh as county_zh, sources.title_zh as source_zh
            from fct_green_event as events
            left join dim_area as areas on events.county_area_id = areas.area_id
            left join dim_source as sources on events.source_id = sources.source_id
            where city_area_id = '{self.head["city_id"]}' and {span}
            order by effective_on desc, tier, category, action, name_text
        """)
        return Table(
            "green_events",
            "绿色制造名单变动",
            (
                Column("day", "生效日期", "date", 12),
                Column("action", "变动", width=8),
                Column("tier", "级别", width=9),
                Column("category", "类别", width=20),
                Column("name", "名单所列名称", width=36),
                Column("new_name", "更名后", width=30),
                Column("county", "所在地区", width=11),
                Column("origin", "数据性质", width=8),
                Column("source", "数据来源", width=40),
            ),
            tuple(
                {
                    "day": row["effective_on"],
                    "action": ACTIONS.get(row["action"], row["action"]),
                    "tier": TIERS.get(row["tier"], row["tier"]),
                    "category": CATEGORIES.get(row["category"], row["category"]),
                    "name": row["name_text"],
                    "new_name": row["new_name_text"],
                    "county": row["county_zh"],
                    "origin": ORIGINS.get(row["data_origin"], row["data_origin"]),
                    "source": row["origin_title"] or row["source_zh"],
                    "demo": row["data_origin"] == "demo",
                }
                for row in rows
            ),
            empty="本期名单无变动记录",
        )

    # ── ledger ─────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def ledger_months(self) -> tuple[str, ...]:
        """Months of which something was returned, oldest first; the ledger has a line for every body of later ones, too."""
        version = self.head["plan_version"]
        rows = self._rows(f"""
            select distinct period from task_ledger
            where plan_version = '{version}' and source_row_ids is not null order by 1
        """)
        return tuple(row["period"] for row in rows)

    @cached_property
    def _ledger_month(self) -> str:
        """The month that is shown where none is asked for: without any return the newest that has lines; "" without those."""
        version = self.head["plan_version"]
        [newest] = self._rows(
            f"select max(period) as month from task_ledger where plan_version = '{version}'"
        )
        return self.ledger_months[-1] if self.ledger_months else newest["month"] or ""

    def ledger(self, month: str | None = None) -> Table:
        """Tasks of every body in one month by status; without a month the newest of which something was returned."""
        month = month or self._ledger_month
        counted = ", ".join(
            f"count(*) filter (where status = '{code}')::integer as {code}" for code in LEDGER
        )
        colours = ", ".join(f"count(*) filter (where rag = '{code}')::integer as {code}" for code in MARKS)
        rows = self._rows(f"""
            select
                body_name_zh, area_id is null as is_department, count(*)::integer as tasks, {counted}, {colours},
                bool_or(data_origin = 'demo') as demo
            from task_ledger
            where plan_version = '{self.head["plan_version"]}' and period = '{month}'
            group by body_name_zh, area_id is null
            order by is_department desc, red desc, yellow desc, tasks desc, body_name_zh
        """)
        return Table(
            "ledger_bodies",
            f"工作台账({month_zh(month)})" if month else "工作台账",
            (
                Column("body", "责任单位", width=28),
                Column("kind", "类别", width=11),
                Column("tasks", "任务数", "count", 8),
                *(Column(code, zh, "count", 8) for code, zh in LEDGER.items()),
                Column("red", f"{MARKS['red']} 红", "count", 7),
                Column("yellow", f"{MARKS['yellow']} 黄", "count", 7),
                Column("green", f"{MARKS['green']} 绿", "count", 7),
                Column("grey", f"{MARKS['grey']} 灰", "count", 7),
                Column("origin", "数据性质", width=9),
            ),
            tuple(
                row
                | {
                    "body": row["body_name_zh"],
                    "kind": "市直单位" if row["is_department"] else "县市区、开发区",
                    "month": month,
                    "origin": "含演示" if row["demo"] else ORIGINS["submitted"],
                    "colour": "red" if row["red"] else "yellow" if row["yellow"] else None,
                }
                for row in rows
            ),
            unit_zh="项",
            notes=(
                "绿:已完成,或未到期且进度不低于计划;黄:未到期但滞后,或逾期后完成;红:逾期;灰:当期未报送或不可评估,计数而不评色。",
            ),
            empty=f"{month_zh(month)}无台账记录" if month else "本版本无台账记录",
        )

    def overdue(self, month: str | None = None) -> Table:
        month = month or self._ledger_month
        lines = self._rows(f"""
            select * from task_ledger
            where plan_version = '{self.head["plan_version"]}' and period = '{month}'
            order by days_late desc, body_name_zh, task_id
        """)
        rows = [row for row in lines if row["status"] == "overdue"]
        silent = sum(row["status"] == "not_submitted" for row in lines)
        unknown = f";未报送的{silent:,}项是否逾期不明" if silent else ""
        return Table(
            "ledger_overdue",
            f"逾期任务清单({month_zh(month)})" if month else "逾期任务清单",
            (
                Column("body", "责任单位", width=20),
                Column("role", "职责", width=10),
                Column("task_id", "任务", width=8),
                Column("title", "任务名称", width=40),
                Column("due_on", "时限", "date", 12),
                Column("days_late", "逾期(天)", "count", 9),
                Column("planned", "计划进度(%)", "figure", 11),
                Column("reported", "报送进度(%)", "figure", 11),
                Column("remark", "报送说明", width=30),
                Column("origin", "数据性质", width=8),
            ),
            tuple(
                {
                    "body": row["body_name_zh"],
                    "role": ROLES.get(row["role"], row["role"]),
                    "task_id": row["task_id"],
                    "title": row["task_title_zh"],
                    "due_on": row["due_on"],
                    "days_late": row["days_late"],
                    "planned": row["planned_pct"],
                    "reported": row["reported_pct"],
                    "unit_zh": "%",
                    "remark": row["remark"],
                    "origin": ORIGINS.get(row["data_origin"], row["data_origin"]),
                    "colour": "red",
                    "demo": row["data_origin"] == "demo",
                }
                for row in rows
            ),
            empty=f"{month_zh(month)}无报送为逾期的任务{unknown}" if month else "本版本无台账记录",
        )

    def obligations(self) -> Table:
        rows = self._rows(f"""
            select * from obligation_calendar
            where plan_version = '{self.head["plan_version"]}'
            order by case status when 'overdue' then 1 when 'due_soon' then 2 when 'no_record' then 3 else 4 end,
                due_on nulls last, obligation_id, period
        """)
        colours = {"overdue": "red", "due_soon": "yellow", "done": "green"}
        return Table(
            "obligations",
            "方案规定的经常性事项",
            (
                Column("id", "事项", width=8),
                Column("name", "内容", width=36),
                Column("period", "期别", width=10),
                Column("owner", "责任单位", width=28),
                Column("status", "状态", "status", 11),
                Column("due_on", "时限", "date", 12),
                Column("done_on", "完成日期", "date", 12),
                Column("days_late", "逾期(天)", "count", 9),
                Column("seen", "所见材料", width=28),
                Column("origin", "数据性质", width=8),
                Column("reason", "说明", width=30),
            ),
            tuple(
                {
                    "id": row["obligation_id"],
                    "name": row["name_zh"],
                    "period": _FREQUENCIES.get(row["period"], row["period"]),
                    "owner": (row["owner"] or "").replace("|", "、") or None,
                    "code": row["status"],
                    "status": f"{MARKS[colours.get(row['status'], 'grey')]} {OBLIGATIONS.get(row['status'], row['status'])}",
                    "due_on": row["due_on"],
                    "done_on": row["done_on"],
                    "days_late": row["days_late"],
                    "seen": row["artifact_seen"],
                    "origin": ORIGINS.get(row["data_origin"], row["data_origin"]),
                    "reason": row["reason"],
                    "colour": colours.get(row["status"], "grey"),
                    "demo": row["data_origin"] == "demo",
                }
                for row in rows
            ),
        )

    # ── gaps, revisions, quality ───────────────────────────────────────────────────────────────────────────────

    def gaps(self) -> Table:
        rows = self._rows("""
            select gaps.*, areas.name_zh, coalesce(indicators.name_zh, gaps.indicator) as indicator_zh,
                coalesce(sources.title_zh, gaps.expected_from) as source_zh
            from data_gaps as gaps
            left join dim_area as areas using (area_id)
            left join dim_indicator as indicators on gaps.indicator = indicators.indicator_code
            left join dim_source as sources on gaps.expected_from = sources.source_id
            order by indicator_zh, areas.display_order, period
        """)
        return Table(
            "data_gaps_list",
            "数据缺口(应有而未见)",
            (
                Column("indicator", "指标", width=30),
                Column("area", "地区", width=12),
                Column("period", "期别", width=12),
                Column("expected_by", "应公布日期", "date", 12),
                Column("source", "应出自", width=34),
                Column("last", "最近一期", width=12),
                Column("reason", "原因", width=40),
            ),
            tuple(
                {
                    "indicator": row["indicator_zh"],
                    "area": row["name_zh"] or row["area_id"],
                    "period": row["period"],
                    "expected_by": row["expected_by"],
                    "source": row["source_zh"],
                    "last": row["last_known_period"],
                    "reason": row["reason"],
                }
                for row in rows
            ),
            empty="没有应有而未见的数据",
        )

    def revisions(self, since: date | None = None, until: date | None = None) -> Table:
        span = f"published_on between date '{since}' and date '{until}'" if since and until else "true"
        rows = self._rows(f"""
            select revisions.*, areas.name_zh, coalesce(indicators.name_zh, revisions.indicator) as indicator_zh
            from revisions
            left join dim_area as areas using (area_id)
            left join dim_indicator as indicators on revisions.indicator = indicators.indicator_code
            where {span}
            order by indicator_zh, areas.display_order, period, published_on
        """)
        return Table(
            "revisions_list",
            "数值修订过程",
            (
                Column("indicator", "指标", width=28),
                Column("area", "地区", width=12),
                Column("period", "期别", width=11),
                Column("published_on", "公布日期", "date", 12),
                Column("kind", "性质", width=18),
                Column("value", "数值", "figure", 12),
                Column("unit_zh", "单位", width=9),
                Column("revision", "较上次公布", "figure", 12),
                Column("vintage", "版次", width=10),
                Column("origin", "数据性质", width=8),
            ),
            tuple(
                {
                    "indicator": row["indicator_zh"],
                    "area": row["name_zh"] or row["area_id"],
                    "period": row["period"],
                    "published_on": row["published_on"],
                    "kind": REVISION_KINDS.get(row["kind"], row["kind"]),
                    "code": row["kind"],
                    "value": row["value"],
                    "unit_zh": UNITS.get(row["unit"], row["unit"] or ""),
                    "revision": row["revision"],
                    "vintage": VINTAGES.get(row["vintage"], row["vintage"]),
                    "origin": _origin(row),
                    "demo": _demo(row),
                }
                for row in rows
            ),
            empty="没有多次公布的数值",
        )

    def sources(self) -> Table:
        if not self._has("meta", "sources"):
            rows = [
                row | {"state": None, "is_overdue": None, "published_to": None}
                for row in self._rows("select * from dim_source order by data_origin desc, source_id")
            ]
        else:
            rows = self._rows("""
                select * from meta.sources
                order by is_overdue desc, case state when 'fresh' then 2 when 'empty' then 3 else 1 end, source_id
            """)
        return Table(
            "sources_list",
            "数据来源",
            (
                Column("title", "来源", width=40),
                Column("publisher", "公布(报送)单位", width=36),
                Column("origin", "数据性质", width=9),
                Column("state", "状态", "status", 13),
                Column("overdue", "是否逾期未更新", width=10),
                Column("newest", "最近公布", width=12),
                Column("rows", "采用行数", "count", 10),
                Column("rejected", "退回行数", "count", 10),
                Column("licence", "许可", width=30),
            ),
            tuple(
                {
                    "title": row["title_zh"],
                    "publisher": row["publisher_zh"],
                    "origin": ORIGINS.get(row["data_origin"], row["data_origin"]),
                    "code": row["state"],
                    "state": SOURCE_STATES.get(row["state"], row["state"]),
                    "is_overdue": row["is_overdue"],
                    "overdue": {True: "逾期", False: "否"}.get(row["is_overdue"]),
                    "newest": row["published_to"],
                    "rows": row.get("rows") if row["state"] not in (None, "empty") else None,
                    "rejected": row.get("rejected") if row["state"] not in (None, "empty") else None,
                    "licence": row["licence"],
                    "colour": "red"
                    if row["state"] == "blocked"
                    else "yellow"
                    if row["is_overdue"] or row["state"] == "old"
                    else "grey"
                    if row["state"] == "empty"
                    else None,
                    "demo": row["data_origin"] == "demo",
                }
                for row in rows
            ),
        )

    def checks(self) -> Table:
        rows = []
        if self._has("meta", "checks"):
            rows = self._rows(f"""
                select * from meta.checks
                where status <> 'passed' and release_id = '{self.head["release_id"]}'
                order by case severity when 'critical' then 1 when 'warning' then 2 else 3 end, suite, subject, check_id
            """)
        return Table(
            "checks_failed",
            "未通过的检查",
            (
                Column("severity", "程度", width=8),
                Column("status", "结果", width=10),
                Column("suite", "检查套件", width=24),
                Column("subject", "对象", width=36),
                Column("description", "检查内容(英文原文)", width=60),
                Column("observed", "所见", width=18),
                Column("failing", "不合行数", "count", 9),
            ),
            tuple(
                {
                    "severity": CHECK_SEVERITIES.get(row["severity"], row["severity"]),
                    "status": CHECK_STATUSES.get(row["status"], row["status"]),
                    "suite": row["suite"],
                    "subject": row["subject"],
                    "description": row["description"],
                    "observed": row["observed"],
                    "failing": row["failing_rows"],
                    "colour": "red" if row["severity"] == "critical" else "yellow",
                }
                for row in rows
            ),
            notes=("关键检查未通过的版本不予发布;此处所列均为警告和计量。",) if rows else (),
            empty="全部检查通过" if self._has("meta", "checks") else "按日推算的结果,未经检查套件核查",
        )

    def check_counts(self) -> dict[str, int]:
        """Checks of this release: how many there are (`all`) and how many passed (`passed`)."""
        if not self._has("meta", "checks"):
            return {"all": 0, "passed": 0}
        [row] = self._rows(f"""
            select count(*)::integer as total, count(*) filter (where status = 'passed')::integer as passed
            from meta.checks where release_id = '{self.head["release_id"]}'
        """)
        return {"all": row["total"], "passed": row["passed"]}

    # ── everything a person reads, in order ────────────────────────────────────────────────────────────────────

    def readable(self) -> tuple[Table, ...]:
        return tuple(table for _, tables in self.sheets for table in tables)

    @cached_property
    def sheets(self) -> tuple[tuple[str, tuple[Table, ...]], ...]:
        """The readable tables by sheet."""
        return (
            ("目标完成情况", (self.targets(),)),
            ("县市区", (self.ranking(), self.coverage())),
            ("集聚区", (self.clusters(), self.cluster_counts())),
            ("规则核查", (self.rules(), self.findings())),
            ("企业与绿色名单", (self.green(), self.green_events())),
            ("工作台账", (self.ledger(), self.overdue(), self.obligations())),
            ("数据缺口与修订", (self.gaps(), self.revisions())),
            ("数据质量", (self.sources(), self.checks())),
        )

    # ── asking ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        return run_query(self.release, sql).to_dicts()

    @cached_property
    def _tables(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            run_query(self.release, "select schema_name, table_name from duckdb_tables()").rows()
        )

    def _has(self, schema: str, table: str) -> bool:
        return (schema, table) in self._tables


_FREQUENCIES = {"once": "一次性", "periodic": "定期", "continuous": "持续"}


def day_zh(day: date | None) -> str:
    """2026年11月23日; a dash if not known."""
    return NULL if day is None else f"{day.year}年{day.month}月{day.day}日"


def parse_month(text: str) -> Month:
    """Raises ExportError for what is no month."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text) or text < "1949":
        raise ExportError(f"--month {text}: expected a month such as 2026-11")
    return Month(text)


def month_zh(month: str) -> str:
    """ "2026-11" as 2026年11月."""
    year, number = month.split("-")
    return f"{year}年{int(number)}月"


def print_day(day: date | None, precision: str | None) -> str | None:
    """A day as exactly as it is known: a publication of which only the year is known is not dated 31 December."""
    if day is None:
        return None
    return {"year": f"{day.year}年", "month": f"{day.year}年{day.month}月"}.get(
        precision or "", day.isoformat()
    )


def _published(days: list[str | None]) -> str:
    """When the rows of one source came out: "2025-06-30公布", "2023-08-20至2026-08-17公布", "日期不详,9行"."""
    known = sorted({day for day in days if day})
    if not known:
        return f"日期不详,{len(days)}行"
    return f"{known[0]}公布" if len(known) == 1 else f"{known[0]}至{known[-1]}公布"


def _demo(row: dict[str, Any], value: str | None = None) -> bool:
    """What has no value rests on nothing, demo or not."""
    name = value or ("value" if "value" in row else None)
    return row["data_origin"] == "demo" and (name is None or row[name] is not None)


def _origin(row: dict[str, Any], value: str | None = None) -> str:
    name = value or ("value" if "value" in row else None)
    if name is not None and row[name] is None:
        return NULL
    return ORIGINS.get(row["data_origin"], row["data_origin"] or NULL)


def _change(places: int | None) -> str:
    if places is None:
        return NULL
    return f"↑{places}" if places > 0 else f"↓{-places}" if places < 0 else "持平"
