"""What each page shows: which rows, in which order. How they look is for the templates; nothing is computed anew here."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from markupsafe import Markup

from warehouse import words
from warehouse.progress import TargetProgress, newest_full, period_end, plan_progress
from warehouse.site import sparkline
from warehouse.site.facts import Facts, Row

ATTENTION = 3
TILES = Path(__file__).parent / "tiles.csv"


# --- cockpit ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Card:
    """One target as the cockpit shows it. row: its period's row of plan_progress; target: its row of dim_target."""

    line: TargetProgress
    row: Row
    target: Row
    spark: Markup | None
    plot: Markup | None  # the same, large
    newer: tuple[Row, ...]  # later periods that have no value yet

    @property
    def is_demo(self) -> bool:
        return self.line.value is not None and self.line.data_origin == "demo"


def cards(facts: Facts) -> list[Card]:
    """Every target of the plan version followed, in the order of their ids."""
    targets = {row["target_id"]: row for row in facts.of_plan("dim_target")}
    history = defaultdict(list)
    for row in facts.of_plan("plan_progress", order="target_id, period"):
        history[row["target_id"]].append(row)
    made = []
    for line in plan_progress(facts.release):
        rows = history[line.target_id]
        row = next(row for row in rows if row["period"] == line.period)
        reached = [sparkline.Reached(r["period"], r["value"]) for r in rows if r["value"] is not None]
        made.append(
            Card(
                line,
                row,
                targets[line.target_id],
                sparkline.draw(line, reached, row["method"]),
                sparkline.draw(line, reached, row["method"], sparkline.LARGE),
                tuple(r for r in rows if r["value"] is None and (r["period"] or "") > (line.period or "")),
            )
        )
    return made


def attention(all_cards: list[Card]) -> list[Card]:
    """The targets that most need attention: behind first, then those that must speed up, then those that nobody can judge.

    Within a colour the one with the lowest ratio first, then the one due soonest. A target that is met, on track, not due
    or without a number in the plan needs none.
    """
    rank = {"red": 0, "yellow": 1, "grey": 2}

    def weight(card: Card) -> tuple[Any, ...]:
        line = card.line
        ratio = line.ratio if line.ratio is not None else 1.0
        return (
            rank[line.colour],
            line.value is not None if line.colour == "grey" else False,
            ratio,
            line.target_year or 9999,
            line.target_id,
        )

    needy = [
        card
        for card in all_cards
        if card.line.colour in rank and card.line.status != "not_due" and card.target["is_quantified"]
    ]
    return sorted(needy, key=weight)[:ATTENTION]


def cockpit(all_cards: list[Card]) -> dict[str, Any]:
    groups = [
        (title, list(members)) for title, members in groupby(all_cards, lambda c: c.target["target_group_zh"])
    ]
    return {
        "groups": groups,
        "attention": attention(all_cards),
        "colours": [
            (code, [card for card in all_cards if card.line.colour == code])
            for code in ("red", "yellow", "green", "grey")
        ],
    }


# --- counties and zones -------------------------------------------------------------------------


@dataclass(frozen=True)
class Ranking:
    """One indicator over all units in one period. rows: area_id to row of area_scorecard; tables: (level, rows by rank)."""

    key: str
    indicator: Row
    basis: str | None
    period: str
    unit: str | None
    rows: dict[str, Row]
    tables: tuple[tuple[str, list[Row]], ...]
    shades: dict[str, int]  # area_id: 1 (low) to 5 (high)

    @property
    def is_demo(self) -> bool:
        return any(row["value"] is not None and row["data_origin"] == "demo" for row in self.rows.values())

    @property
    def origins(self) -> list[str]:
        return sorted({row["data_origin"] for row in self.rows.values() if row["value"] is not None})


@cache
def tiles() -> dict[str, tuple[int, int]]:
    """Where a unit stands on the schematic map: row and column, from 1."""
    with TILES.open(encoding="utf-8", newline="") as file:
        return {row["area_id"]: (int(row["row"]), int(row["column"])) for row in csv.DictReader(file)}


def placed(units: list[Row]) -> dict[str, tuple[int, int]]:
    """Every unit on the map; those without a place of their own follow below, five to a row."""
    known = {row["area_id"]: tiles()[row["area_id"]] for row in units if row["area_id"] in tiles()}
    below = max((row for row, _ in known.values()), default=0) + 1
    rest = [row["area_id"] for row in units if row["area_id"] not in known]
    return known | {id_: (below + n // 5, n % 5 + 1) for n, id_ in enumerate(rest)}


def rankings(facts: Facts) -> list[Ranking]:
    """One per indicator and basis: the newest period of which more than half of the units have a value, else the fullest."""
    of: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in facts.rows("area_scorecard", order="indicator, basis, period, area_id"):
        of[row["indicator"], row["basis"]][row["period"]].append(row)
    made = []
    for (indicator, basis), periods in of.items():
        period = newest_full(periods)
        rows = {row["area_id"]: row for row in periods[period]}
        made.append(
            Ranking(
                key=f"{indicator}-{basis}",
                indicator=facts.indicators.get(
                    indicator, {"name_zh": indicator, "name_en": indicator, "indicator_code": indicator}
                ),
                basis=basis,
                period=period,
                unit=next((row["unit"] for row in rows.values() if row["unit"]), None),
                rows=rows,
                tables=tuple((level, _ranked(rows.values(), level)) for level in ("county", "zone")),
                shades=_shades(rows.values()),
            )
        )
    order = ["cluster_count", "digital_coverage", "green_unit_count", "gdp"]
    return sorted(
        made,
        key=lambda r: (
            order.index(r.indicator["indicator_code"]) if r.indicator["indicator_code"] in order else 9,
            list(words.TIERS)[::-1].index(r.basis) if r.basis in words.TIERS else 0,
            r.key,
        ),
    )


def areas(facts: Facts) -> dict[str, Any]:
    return {"rankings": rankings(facts), "placed": placed(facts.units)}


def coverage_bounds(facts: Facts, ranking: Ranking) -> dict[str, Row]:
    """The rows of digital_coverage that a ranking's values come from, by area_id."""
    rows = facts.rows(
        "digital_coverage",
        f"scope = {_text(ranking.basis)} and cast(as_of as varchar) = {_text(ranking.period)}",
    )
    return {row["area_id"]: row for row in rows}


def _ranked(rows: Iterable[Row], level: str) -> list[Row]:
    chosen = [row for row in rows if row["compared_among"] == level]
    return sorted(chosen, key=lambda row: (row["rank"] is None, row["rank"] or 0, row["area_id"]))


def _shades(rows: Iterable[Row]) -> dict[str, int]:
    """Five shades of equal width between the lowest and the highest value."""
    known = {row["area_id"]: row["value"] for row in rows if row["value"] is not None}
    if not known:
        return {}
    low, high = min(known.values()), max(known.values())
    if high == low:
        return dict.fromkeys(known, 3 if high else 1)
    return {id_: min(5, int((value - low) / (high - low) * 5) + 1) for id_, value in known.items()}


# --- one unit -----------------------------------------------------------------------------------


def area_pages(facts: Facts) -> dict[str, dict[str, Any]]:
    """What the page of each unit shows, by area_id. Every mart is asked once for all units."""
    clusters = _by(facts.rows("dim_cluster"), "area_id")
    members = _by(facts.rows("fct_cluster_member", "valid_to is null", "cluster_id, name"), "cluster_id")
    industries = _by(facts.of_plan("plan_area_industries", order="area_id, seq"), "area_id")
    scorecard = _by(facts.rows("area_scorecard", order="indicator, basis"), "area_id")
    coverage = _by(facts.rows("digital_coverage", order="as_of desc, scope"), "area_id")
    firms = {
        row["area_id"]: row
        for row in (
            facts.ask(
                "select area_id, count(*) as firms,"
                " case when count(is_above_scale) > 0 then count(*) filter (is_above_scale) end as above_scale,"
                " count(*) filter (marine_classes is not null) as marine, max(data_origin = 'demo') as is_demo"
                " from dim_enterprise where is_current and status = 'in_business' group by area_id"
            )
            if "main.dim_enterprise" in facts.columns
            else []
        )
    }
    green = _by(
        facts.rows("green_titles", "scope = 'all' and category = 'all'", "year desc, tier"), "area_id"
    )
    ledger = _by(_latest_ledger(facts), "area_id")
    violations = facts.of_plan("cluster_compliance", "result = 'violation'", "rule_id, subject_id")
    gaps = _by(
        facts.rows("data_gaps", order="indicator, area_id, period")
        if "main.data_gaps" in facts.columns
        else [],
        "area_id",
    )
    pages = {}
    for unit in facts.units:
        id_ = unit["area_id"]
        own = clusters.get(id_, [])
        pages[id_] = {
            "area": unit,
            "industries": industries.get(id_, []),
            "clusters": own,
            "members": {row["cluster_id"]: members.get(row["cluster_id"], []) for row in own},
            "violations": [
                row for row in violations if _is_of(row, id_, {cluster["cluster_id"] for cluster in own})
            ],
            "firms": firms.get(id_),
            "coverage": coverage.get(id_, []),
            "figures": _latest_known(scorecard.get(id_, [])),
            "green": _newest_per(green.get(id_, []), "tier"),
            "tasks": ledger.get(id_, []),
            "gaps": gap_spans(gaps.get(id_, [])),
        }
    return pages


def _is_of(row: Row, area_id: str, cluster_ids: set[str]) -> bool:
    """Whether a result is of the area or of what lies in its clusters: a subject's id begins with the one's or the other's."""
    if row["subject_type"] in ("area", "area_industry"):
        return bool(row["subject_id"].split(":")[0] == area_id)
    return any(row["subject_id"] == id_ or row["subject_id"].startswith(f"{id_}:") for id_ in cluster_ids)


def _latest_known(rows: list[Row]) -> list[Row]:
    """Per indicator and basis the latest period with a value; without one, the latest."""
    chosen: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=lambda row: period_end(row["period"]), reverse=True):
        key = row["indicator"], row["basis"]
        if key not in chosen or (chosen[key]["value"] is None and row["value"] is not None):
            chosen[key] = row
    return list(chosen.values())


def _newest_per(rows: list[Row], name: str) -> list[Row]:
    chosen: dict[Any, Row] = {}
    for row in rows:  # newest first
        chosen.setdefault(row[name], row)
    order = list(words.TIERS)
    return sorted(chosen.values(), key=lambda row: order.index(row[name]) if row[name] in order else 9)


@dataclass(frozen=True)
class GapSpan:
    """What is not known of one indicator and area, for the same reason."""

    indicator: str
    area_id: str
    periods: tuple[str, ...]
    expected_by: Any  # of the latest period
    reason: str
    last_known_period: str | None


def gap_spans(rows: list[Row]) -> list[GapSpan]:
    spans = []
    for (indicator, area_id, reason), found in groupby(
        rows, key=lambda row: (row["indicator"], row["area_id"], row["reason"])
    ):
        listed = list(found)
        last = listed[-1]
        spans.append(
            GapSpan(
                indicator,
                area_id,
                tuple(row["period"] for row in listed),
                last["expected_by"],
                reason,
                last["last_known_period"],
            )
        )
    return spans


# --- clusters -----------------------------------------------------------------------------------


def clusters(facts: Facts, all_cards: list[Card]) -> dict[str, Any]:
    results = facts.of_plan("cluster_compliance", order="rule_id, subject_id")
    by_rule = [(rule, list(found)) for rule, found in groupby(results, key=lambda row: row["rule_id"])]
    titles = _by(facts.rows("fct_cluster_title", order="recognised_on nulls last, title_id"), "cluster_id")
    register = facts.rows("dim_cluster", order="cluster_id")
    tiers = list(words.TIERS)
    severity = list(words.RULE_SEVERITIES)
    return {
        "register": sorted(
            register,
            key=lambda row: (
                row["status"] == "revoked",
                tiers.index(row["highest_tier"]) if row["highest_tier"] in tiers else 9,
                row["cluster_id"],
            ),
        ),
        "titles": titles,
        "quotas": [
            card for card in all_cards if card.line.target_id and card.row["method"] == "annual_quota"
        ],
        "counts": facts.rows("cluster_counts", f"area_id = {_text(facts.city)}", "tier, year"),
        "rules": [
            {
                "row": found[0],
                "subjects": _subjects(found),
                "counts": Counter(row["result"] for row in found),
                "is_demo": any(row["data_origin"] == "demo" for row in found),
                "reasons": sorted({row["reason"] for row in found if row["reason"]}),
            }
            for _, found in by_rule
        ],
        "violations": sorted(
            (row for row in results if row["result"] == "violation"),
            key=lambda row: (severity.index(row["severity"]), row["rule_id"], row["subject_id"]),
        ),
    }


def _subjects(rows: list[Row]) -> str:
    return str(rows[0]["subject_type"])


# --- firms and green lists ----------------------------------------------------------------------


def enterprises(facts: Facts) -> dict[str, Any]:
    city = _text(facts.city)
    coverage = facts.rows("digital_coverage", f"area_id = {city}", "as_of desc, scope")
    green = facts.rows("green_titles", f"area_id = {city}", "year, tier, category, scope")
    newest = {}
    for row in green:
        newest[row["tier"], row["category"], row["scope"]] = row
    tiers = [tier for tier in words.TIERS if any(key[0] == tier for key in newest)]
    events = facts.rows(
        "fct_green_event",
        f"city_area_id = {city} and effective_on is not null",
        "effective_on desc, tier, category, action, event_id",
    )
    today = facts.about["as_of_date"]
    months = [
        (month, list(found))
        for month, found in groupby(events, key=lambda row: row["effective_on"].strftime("%Y-%m"))
    ]
    return {
        "coverage": coverage,
        "green": newest,
        "green_years": {(r["tier"], r["year"], r["scope"]): r for r in green if r["category"] == "all"},
        "years": sorted({row["year"] for row in green}),
        "tiers": tiers,
        "month": f"{today:%Y-%m}",
        "events_now": next((found for month, found in months if month == f"{today:%Y-%m}"), []),
        "events_before": [(month, found) for month, found in months if month < f"{today:%Y-%m}"][:2],
    }


# --- ledger -------------------------------------------------------------------------------------


def _latest_ledger(facts: Facts) -> list[Row]:
    """The lines of the newest month of which something was returned; without any return, of the newest."""
    rows = facts.of_plan("task_ledger", order="dept_id, area_id, task_id, role")
    returned = [row["period"] for row in rows if row["source_row_ids"]]
    last = max(returned or [row["period"] for row in rows], default=None)
    return [row for row in rows if row["period"] == last]


def ledger(facts: Facts) -> dict[str, Any]:
    rows = _latest_ledger(facts)
    bodies = []
    for key, found in groupby(rows, key=lambda row: (row["dept_id"], row["area_id"])):
        listed = list(found)
        bodies.append(
            {
                "area_id": key[1],
                "name": listed[0]["body_name_zh"],
                "total": len(listed),
                "counts": Counter(row["rag"] or "grey" for row in listed),
                "is_demo": any(row["data_origin"] == "demo" and row["submitted_on"] for row in listed),
            }
        )
    months = Counter(
        (row["period"], row["rag"] or "grey") for row in facts.of_plan("task_ledger", order="period")
    )
    return {
        "period": rows[0]["period"] if rows else None,
        "bodies": bodies,
        "departments": [body for body in bodies if not body["area_id"]],
        "units": sorted(
            (body for body in bodies if body["area_id"]),
            key=lambda body: list(facts.areas).index(body["area_id"]),
        ),
        "total": Counter(row["rag"] or "grey" for row in rows),
        "months": {
            month: {rag: months[month, rag] for rag in words.TASK_RAG}
            for month in sorted({month for month, _ in months})
        },
        "overdue": sorted(
            (row for row in rows if row["rag"] == "red"),
            key=lambda row: (-(row["days_late"] or 0), row["dept_id"], row["area_id"] or "", row["task_id"]),
        ),
        "obligations": sorted(
            facts.of_plan("obligation_calendar", order="obligation_id, due_on"),
            key=lambda row: (
                ["overdue", "due_soon", "no_record", "not_due", "done"].index(row["status"]),
                -(row["days_late"] or 0),
                row["obligation_id"],
                row["period"] or "",
            ),
        ),
        "is_demo": any(row["data_origin"] == "demo" for row in rows),
    }


# --- data quality -------------------------------------------------------------------------------


def quality(facts: Facts) -> dict[str, Any]:
    checks = [
        row
        for row in facts.rows("meta.checks", order="rowid")
        if row.get("release_id") in (None, facts.release.id)
    ]
    severities = list(words.SEVERITIES)
    clauses = facts.of_plan("clause_coverage", order="clause_id")
    return {
        "check_counts": Counter((row["severity"], row["status"]) for row in checks),
        "checks": len(checks),
        "not_passed": sorted(
            (row for row in checks if row["status"] != "passed"),
            key=lambda row: (severities.index(row["severity"]), row["status"] != "error"),
        ),
        "sources": sorted(
            facts.sources.values(), key=lambda row: (not _is_uneasy(row), row["state"] == "empty")
        ),
        "overdue": [row for row in facts.sources.values() if _is_uneasy(row)],
        "revisions": facts.rows("revisions", order="indicator, area_id, period, published_on"),
        "gaps": gap_spans(facts.rows("data_gaps", order="indicator, area_id, period")),
        "clauses": clauses,
        "clause_counts": Counter(row["state"] for row in clauses),
        "changes": facts.rows("meta.changes", order="is_critical desc, mart, key, column_name"),
        "warnings": facts.release.manifest.get("warnings", []),
    }


def _is_uneasy(source: Row) -> bool:
    return source["is_overdue"] or source["state"] in ("old", "blocked")


# --- dictionary ---------------------------------------------------------------------------------


def indicators(facts: Facts) -> dict[str, Any]:
    values = _by(
        facts.rows(
            "fct_indicator_value", order="indicator_code, area_id, period_end desc, known_on desc, figure_id"
        ),
        "indicator_code",
    )
    departments = {row["dept_id"]: row["short_name_zh"] for row in facts.of_plan("dim_department")}
    targets = _by(facts.of_plan("dim_target"), "indicator_code")
    known = list(facts.indicators.values())
    subjects = sorted(
        {row["subject"] for row in known},
        key=lambda code: list(words.SUBJECTS).index(code) if code in words.SUBJECTS else 99,
    )
    return {
        "subjects": [(code, [row for row in known if row["subject"] == code]) for code in subjects],
        "values": values,
        "departments": departments,
        "targets": targets,
    }


def _by(rows: Iterable[Row], name: str) -> dict[Any, list[Row]]:
    found = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return dict(found)


def _text(value: str | None) -> str:
    return "null" if value is None else "'" + value.replace("'", "''") + "'"
