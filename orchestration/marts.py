"""Which marts leave the house and what is said of their columns, read from dbt's manifest. No figure is touched here.

What a column shows of an indicator is said where the indicator is defined, in `indicators.csv`, and nowhere a second time.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.settings import city_folder
from warehouse.progress import UNITS
from warehouse.release import ColumnSpec, MartSpec

#: price bases, Chinese and English; where there is none, or many, the column says nothing of it
PRICE_BASES = {"current": ("现价", "current prices"), "constant": ("可比价", "comparable prices")}
UNITS_EN = {
    "100m_cny": "100 million yuan",
    "cny": "yuan",
    "count": "count",
    "pct": "%",
    "pp": "percentage points",
    "km2": "km²",
}


def specs(manifest: dict[str, Any], city: Path | None = None) -> list[MartSpec]:
    """Every table that leaves the house with its key, its columns and both languages, in order of name.

    A column whose meta names an `indicator` has its comment, unit and formula from `indicators.csv` of the city; what its own
    texts say is a remark on that column. A formula of its own, or `formula: null` for what is printed, goes before.

    Raises:
        LookupError: a column names an indicator that is not defined.
    """
    indicators = {row["indicator_code"]: row for row in _table("indicators.csv", city)}
    found = []
    for node in manifest["nodes"].values():
        if not leaves_the_house(node):
            continue
        meta, types = node["config"]["meta"], node["config"].get("column_types", {})
        inputs = meta.get("inputs", "source_row_ids" if "source_row_ids" in node["columns"] else None)
        shown: dict[str, str] = {}
        for column in node["columns"].values():
            if code := column["config"]["meta"].get("indicator"):
                if code not in indicators:
                    raise LookupError(
                        f"{node['name']}.{column['name']}: indicator {code!r} is not in indicators.csv"
                    )
                shown.setdefault(code, column["name"])
        columns = tuple(
            _column(
                column | {"data_type": column["data_type"] or types.get(column["name"])},
                inputs,
                indicators,
                shown,
            )
            for column in node["columns"].values()
        )
        found.append(
            MartSpec(
                node["name"],
                tuple(meta["keys"]),
                meta["zh"],
                node["description"].rstrip("."),
                columns,
                node["schema"],
            )
        )
    return sorted(found, key=lambda spec: spec.name)


def leaves_the_house(node: dict[str, Any]) -> bool:
    """Whether a node of the manifest is published: every mart, and the plan's own tables, which say their keys."""
    if node["resource_type"] == "seed":
        return "keys" in node["config"]["meta"]
    return bool(node["resource_type"] == "model" and node["schema"] == "marts")


def feeds(manifest: dict[str, Any]) -> dict[str, frozenset[str]]:
    """The raw tables and the city's tables that each published table is made of, by name, however far up they stand."""
    parents = {id_: node["depends_on"].get("nodes", ()) for id_, node in manifest["nodes"].items()}
    names = {id_: source["name"] for id_, source in manifest["sources"].items()}
    names |= {id_: node["name"] for id_, node in manifest["nodes"].items() if node["resource_type"] == "seed"}
    found = {}
    for id_, node in manifest["nodes"].items():
        if leaves_the_house(node):
            above: set[str] = set()
            waiting = [id_]
            while waiting:
                new = set(parents.get(waiting.pop(), ())) - above
                above |= new
                waiting += new
            found[node["name"]] = frozenset(names[one] for one in {id_, *above} if one in names)
    return found


def _column(
    column: dict[str, Any],
    inputs: str | None,
    indicators: dict[str, dict[str, str]],
    shown: dict[str, str],
) -> ColumnSpec:
    """A column as the dictionary describes it. shown: which column of its mart shows an indicator, by indicator code."""
    meta = column["config"]["meta"]
    indicator = indicators.get(meta.get("indicator"))
    formula = meta.get("formula")
    if indicator:
        zh, en = _described(indicator, meta.get("zh"), column["description"])
        unit = indicator["unit"]
        if "formula" not in meta:
            # in the mart's own words, so that a reader can put the row's figures into it
            formula = re.sub(
                r"[a-z][a-z0-9_]*", lambda word: shown.get(word[0], word[0]), indicator["formula"]
            )
    else:
        zh, en, unit = meta["zh"], column["description"], meta.get("unit")
    return ColumnSpec(
        name=column["name"],
        type=column["data_type"],
        description_zh=zh,
        description_en=en,
        unit=unit,
        formula=formula or None,
        inputs=meta.get("inputs", inputs),
        indicator=meta.get("indicator"),
    )


def _described(indicator: dict[str, str], zh: str | None, en: str | None) -> tuple[str, str]:
    """Name, unit, price basis and definition of an indicator in both languages, and what is particular to the column."""
    basis = PRICE_BASES.get(indicator["price_basis"])
    units = [UNITS[indicator["unit"]], UNITS_EN[indicator["unit"]]]
    if basis:
        units = [f"{unit},{price}" for unit, price in zip(units, basis, strict=True)]
    texts = [
        f"{indicator['name_zh']}({units[0]}):{indicator['definition_zh']}" + (f"。本列:{zh}" if zh else ""),
        f"{indicator['name_en']} ({units[1].replace(',', ', ')}): {indicator['definition_en']}"
        + (f". This column: {en}" if en else ""),
    ]
    return texts[0], texts[1]


#: what a column of plan_target_parameters asks
TARGET_QUESTIONS = {
    "base_year": "定基年份",
    "base_value": "基期值(人工设定)",
    "base_reason_zh": "基期值的依据",
    "decision_month_day": "年度评选决定日(月-日)",
    "is_effort": "是否努力目标(争创)",
    "no_data_reason_zh": "无数据时的说明",
}


def parameters(general: pl.DataFrame, of_targets: pl.DataFrame) -> pl.DataFrame:
    """meta.parameters: one row per parameter of the plan and per cell of the targets' parameters that is set.

    A target's cell is called target, dot, column (`TG04.base_value`), behind its plan version where the table has one.
    """
    rows = [
        (row["parameter_code"], _text(row["parameter_value"]), row["question_zh"], row["reading_zh"])
        for row in general.iter_rows(named=True)
    ]
    key = [name for name in ("plan_version", "target_id") if name in of_targets.columns]
    for row in of_targets.iter_rows(named=True):
        target = ":".join(row[name] for name in key)
        rows += [
            (
                f"{target}.{name}",
                _text(value),
                TARGET_QUESTIONS.get(name, name),
                row.get("base_reason_zh") if name == "base_value" else None,
            )
            for name, value in row.items()
            if name not in key and value is not None
        ]
    columns = ("parameter_code", "value", "question", "reading")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _text(value: Any) -> str | None:
    """A cell as the table prints it: 0 and not 0.0, true and not True."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else None if value is None else str(value)


def plan_version_row(plan_version: str) -> dict[str, str]:
    """A version of the plan as the city's tables have it.

    Raises:
        LookupError: there is no such version.
    """
    rows = _table("plan/plan_versions.csv")
    for row in rows:
        if row["plan_version"] == plan_version:
            return row
    known = ", ".join(row["plan_version"] for row in rows)
    raise LookupError(f"no plan version {plan_version!r}; there are: {known}")


def plan_status(plan_version: str) -> tuple[str, str]:
    """Status code and Chinese words of a plan version; a draft's words are the banner of every report."""
    row = plan_version_row(plan_version)
    return row["status"], row["status_zh"]


def parameter(code: str) -> str:
    """A value of the parameter table, as text."""
    return next(
        row["parameter_value"] for row in _table("plan_parameters.csv") if row["parameter_code"] == code
    )


def _table(name: str, city: Path | None = None) -> list[dict[str, str]]:
    with ((city or city_folder()) / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
