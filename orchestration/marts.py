"""Which marts leave the house and what is said of their columns, read from dbt's manifest. No figure is touched here."""

from __future__ import annotations

import csv
from typing import Any

from orchestration.settings import city_folder
from warehouse.release import ColumnSpec, MartSpec


def specs(manifest: dict[str, Any]) -> list[MartSpec]:
    """Every table that leaves the house with its key, its columns and both languages, in order of name."""
    found = []
    for node in manifest["nodes"].values():
        if not leaves_the_house(node):
            continue
        meta, types = node["config"]["meta"], node["config"].get("column_types", {})
        inputs = meta.get("inputs", "source_row_ids" if "source_row_ids" in node["columns"] else None)
        columns = tuple(
            ColumnSpec(
                name=column["name"],
                type=column["data_type"] or types.get(column["name"]),
                description_zh=column["config"]["meta"]["zh"],
                description_en=column["description"],
                unit=column["config"]["meta"].get("unit"),
                formula=column["config"]["meta"].get("formula"),
                inputs=column["config"]["meta"].get("inputs", inputs),
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
    return node["resource_type"] == "model" and node["schema"] == "marts"


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


def _table(name: str) -> list[dict[str, str]]:
    with (city_folder() / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
