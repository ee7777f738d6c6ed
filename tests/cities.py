"""City folders for tests: a copy of the bundled one with a made-up second version of the plan, and a small invented city."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

from orchestration.settings import SEEDS, city_tables

FIRST, SECOND = "draft_2024-10-11", "final_made_up"
Rows = list[dict[str, str]]


def copy_of_bundled(folder: Path) -> Path:
    return Path(shutil.copytree(SEEDS, folder))


def rewrite(folder: Path, file: str, change: Callable[[Rows], Rows]) -> None:
    """Replace a table's rows by what is made of them."""
    with (folder / file).open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        header, rows = list(reader.fieldnames), list(reader)
    write(folder, file, header, change(rows))


def write(folder: Path, file: str, header: list[str], rows: Rows) -> None:
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    with (folder / file).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, restval="")
        writer.writeheader()
        writer.writerows(rows)


def add_second_version(folder: Path) -> None:
    """Beside the draft, a version that asks for 2,100, has no rule R32, and one more task."""
    for table in city_tables().values():
        if table.is_versioned:
            rewrite(
                folder, table.file, lambda rows: [*rows, *({**row, "plan_version": SECOND} for row in rows)]
            )

    def second(change: Callable[[dict[str, str]], dict[str, str] | None]) -> Callable[[Rows], Rows]:
        return lambda rows: [
            changed
            for row in rows
            if (changed := change(row) if row["plan_version"] == SECOND else row) is not None
        ]

    def targets(row):
        if row["target_id"] == "TG01":
            row |= {"target_value": "2100", "plan_quote": row["plan_quote"].replace("2000", "2100")}
        return row

    def clauses(row):
        row["clause_text_zh"] = row["clause_text_zh"].replace("超过2000亿元", "超过2100亿元")
        row["items"] = "|".join(item for item in row["items"].split("|") if item != "rules:R32")
        return row

    rewrite(folder, "plan/plan_targets.csv", second(targets))
    rewrite(folder, "plan/plan_clauses.csv", second(clauses))
    rewrite(folder, "plan/plan_rules.csv", second(lambda row: None if row["rule_id"] == "R32" else row))
    clause = {"plan_version": SECOND, "clause_id": "C127", "kind": "clause", "items": "tasks:T34"}
    rewrite(
        folder,
        "plan/plan_clauses.csv",
        lambda rows: [
            *rows,
            clause | {"part_zh": "三、保障措施", "clause_text_zh": "(四)加强督导。(市发改委牵头)"},
        ],
    )
    task = {"plan_version": SECOND, "task_id": "T34", "part_zh": "保障措施", "section_zh": "三(四)"}
    task |= {"section_title_zh": "加强督导", "task_title_zh": "加强督导", "responsibility_mode": "lead_only"}
    task |= {"n_lead": "1", "n_cooperate_or_joint": "0", "responsibility_text_zh": "(市发改委牵头)"}
    rewrite(folder, "plan/plan_tasks.csv", lambda rows: [*rows, task])


# ── a small city that is nowhere ─────────────────────────────────────────────────────────────────────────────

PLAN = "lanwan_2025"
GENERIC = (
    "assessment_statuses",
    "data_expectations",
    "effluent_limits",
    "indicator_aliases",
    "indicators",
    "industry_codes",
    "industry_marine_classes",
    "ocean_industry_classes",
    "plan_readings",
    "source_tiers",
    "vintages",
)
ALIASES = {
    "china": ["全国"],
    "donghai": ["东海省"],
    "lanwan": ["蓝湾市", "全市"],
    "gangbei": ["港北区"],
    "gangnan": ["港南县"],
}
TEXT = (
    (
        "C1",
        "到2027年,全市海洋生产总值超过500亿元,占GDP比重超过10%,数字化转型覆盖率达到90%左右。",
        "targets:TG01|targets:TG02|targets:TG06",
    ),
    (
        "C2",
        "港北区重点发展海洋渔业,每个园区陆域面积不超过5平方公里,严禁扩大面积。",
        "area_industries:gangbei|rules:R1|rules:R2",
    ),
    (
        "C3",
        "海洋渔业提质。每年调度一次。(市海洋局牵头)",
        "industries:listed|tasks:T1|task_actions:T1-1|obligations:O1",
    ),
    ("C4", "海洋文旅提升。(市文旅局、市海洋局负责)建设蓝湾港平台。", "tasks:T2"),
)
SMALL: dict[str, Rows] = {
    "areas": [
        {"area_id": "china", "area_level": "nation", "name_zh": "全国", "name_en": "China"},
        {
            "area_id": "donghai",
            "parent_area_id": "china",
            "area_level": "province",
            "name_zh": "东海省",
            "name_en": "Donghai",
        },
        {
            "area_id": "lanwan",
            "parent_area_id": "donghai",
            "area_level": "city",
            "name_zh": "蓝湾市",
            "name_en": "Lanwan",
        },
        {
            "area_id": "gangbei",
            "parent_area_id": "lanwan",
            "area_level": "county",
            "name_zh": "港北区",
            "name_en": "Gangbei",
        },
        {
            "area_id": "gangnan",
            "parent_area_id": "lanwan",
            "area_level": "county",
            "name_zh": "港南县",
            "name_en": "Gangnan",
        },
    ],
    "area_aliases": [
        {"alias": alias, "area_id": area, "alias_kind": "full", "coverage_basis": "administrative"}
        for area, aliases in ALIASES.items()
        for alias in aliases
    ],
    "plan_versions": [
        {"title_zh": "蓝湾市海洋方案", "status_zh": "正式稿", "status": "adopted", "issued_on": "2025-01-01"}
    ],
    "plan_targets": [
        {
            "target_id": "TG01",
            "indicator_code": "gop",
            "indicator_name_zh": "海洋生产总值",
            "target_value": "500",
            "operator_zh": "超过",
            "operator_code": "gt",
            "unit_zh": "亿元",
            "unit_code": "cny_100m",
            "suggested_assessment_method": "cagr_ratio",
            "plan_quote": "全市海洋生产总值超过500亿元",
        },
        {
            "target_id": "TG02",
            "indicator_code": "gop_share_gdp",
            "indicator_name_zh": "海洋生产总值占比",
            "target_value": "10",
            "operator_zh": "超过",
            "operator_code": "gt",
            "unit_zh": "%",
            "unit_code": "percent",
            "suggested_assessment_method": "level_or_linear_pace",
            "plan_quote": "占GDP比重超过10%",
        },
        {
            "target_id": "TG06",
            "indicator_code": "digital_coverage",
            "indicator_name_zh": "数字化转型覆盖率",
            "target_value": "90",
            "operator_zh": "达到…左右",
            "operator_code": "approx",
            "unit_zh": "%",
            "unit_code": "percent",
            "suggested_tolerance_abs": "1",
            "suggested_assessment_method": "linear_pace",
            "plan_quote": "数字化转型覆盖率达到90%左右",
        },
    ],
    "plan_target_parameters": [
        {"target_id": id_, "base_year": "2023", "is_effort": "false", "no_data_reason_zh": "未公布"}
        for id_ in ("TG01", "TG02", "TG06")
    ],
    "plan_rules": [
        {
            "rule_id": "R1",
            "rule_name_zh": "面积不超过5平方公里",
            "metric": "land_area_km2",
            "operator_code": "le",
            "threshold": "5",
            "modality_zh": "不超过",
            "modality_code": "mandatory",
            "suggested_severity": "error",
            "plan_section": "1",
            "plan_quote": "陆域面积不超过5平方公里",
        },
        {"rule_id": "R2", "rule_name_zh": "不得扩大面积", "plan_section": "1", "plan_quote": "严禁扩大面积"},
    ],
    "plan_area_industries": [
        {
            "area_id": "gangbei",
            "seq": "1",
            "industry_raw_zh": "海洋渔业",
            "family_id": "F1",
            "plan_quote": "港北区重点发展海洋渔业",
        },
    ],
    "plan_industry_families": [{"family_id": "F1", "family_name_zh": "海洋渔业"}],
    "plan_industries": [
        {
            "taxonomy_code": "listed",
            "item_id": "I1",
            "item_name_zh": "海洋渔业",
            "family_id": "F1",
            "plan_quote": "海洋渔业提质",
        },
    ],
    "plan_tasks": [
        {
            "task_id": "T1",
            "section_title_zh": "海洋渔业提质",
            "task_title_zh": "海洋渔业提质",
            "responsibility_text_zh": "(市海洋局牵头)",
        },
        {
            "task_id": "T2",
            "section_title_zh": "海洋文旅提升",
            "task_title_zh": "海洋文旅提升",
            "responsibility_text_zh": "(市文旅局、市海洋局负责)",
        },
    ],
    "plan_task_actions": [
        {"action_id": "T1-1", "task_id": "T1", "seq": "1", "action_text_zh": "每年调度一次"}
    ],
    "plan_departments": [
        {"dept_id": "D01", "short_name_zh": "市海洋局", "full_name_zh": "蓝湾市海洋局"},
        {"dept_id": "D02", "short_name_zh": "市文旅局", "full_name_zh": "蓝湾市文化和旅游局"},
    ],
    "plan_task_departments": [
        {
            "task_id": "T1",
            "dept_id": "D01",
            "dept_short_name_zh": "市海洋局",
            "role_code": "lead",
            "is_explicit_in_plan": "true",
        },
        {
            "task_id": "T2",
            "dept_id": "D02",
            "dept_short_name_zh": "市文旅局",
            "role_code": "joint",
            "is_explicit_in_plan": "true",
        },
    ],
    "plan_obligations": [
        {
            "obligation_id": "O1",
            "name_zh": "每年调度",
            "frequency_code": "annual",
            "plan_quote": "每年调度一次",
        }
    ],
    "plan_named_entities": [{"entity_id": "E1", "name_zh": "蓝湾港", "plan_section": "2"}],
    "plan_clauses": [
        {"clause_id": id_, "part_zh": "正文", "clause_text_zh": text, "kind": "clause", "items": items}
        for id_, text, items in TEXT
    ],
}


def write_small_city(folder: Path) -> Path:
    """蓝湾市: two counties, three targets, two rules, two tasks. Tables that belong to no city are the bundled ones."""
    tables = city_tables()
    for name in GENERIC:
        (folder / tables[name].file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SEEDS / tables[name].file, folder / tables[name].file)
    for name, rows in SMALL.items():
        table = tables[name]
        given = [
            ({"plan_version": PLAN} if table.is_versioned else {})
            | ({"target_year": "2027", "is_quantified": "true", "plan_section": "1"} if name == "plan_targets" else {})
            | ({"display_order": str(order)} if name == "areas" else {})
            | row
            for order, row in enumerate(rows, start=1)
        ]  # fmt: skip
        write(folder, table.file, list(table.columns), given)
    rewrite(folder, "indicators.csv", lambda rows: [row | {"owner_department": "D01"} for row in rows])
    rewrite(folder, "data_expectations.csv", lambda rows: [row | {"source_id": ""} for row in rows])
    shutil.copy(SEEDS / "plan_parameters.csv", folder / "plan_parameters.csv")
    rewrite(
        folder,
        "plan_parameters.csv",
        lambda rows: [
            row | {"parameter_value": PLAN} if row["parameter_code"] == "plan_version" else row
            for row in rows
        ],
    )
    return folder
