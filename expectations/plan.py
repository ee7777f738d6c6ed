"""The suites of the plan's own tables as they leave the house, one form for all: rows and words. Keys are dbt's tests.

Which columns claim to be in the plan's words is said here; the text of a version is its clauses in order, and … parts
fragments of it. Section 0 is the notice that came with the plan, whose text is not among the clauses.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row
from expectations.marts._common import published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite
    from great_expectations.expectations.expectation import Expectation

#: key of every published table of the plan
KEYS: dict[str, tuple[str, ...]] = {
    "plan_area_industries": ("plan_version", "area_id", "seq"),
    "plan_clauses": ("plan_version", "clause_id"),
    "plan_departments": ("plan_version", "dept_id"),
    "plan_industries": ("plan_version", "item_id"),
    "plan_industry_families": ("plan_version", "family_id"),
    "plan_named_entities": ("plan_version", "entity_id"),
    "plan_obligations": ("plan_version", "obligation_id"),
    "plan_parameters": ("parameter_code",),
    "plan_rules": ("plan_version", "rule_id"),
    "plan_readings": ("parameter_code", "reading"),
    "plan_target_parameters": ("plan_version", "target_id"),
    "plan_targets": ("plan_version", "target_id"),
    "plan_task_actions": ("plan_version", "action_id"),
    "plan_task_departments": ("plan_version", "task_id", "dept_id"),
    "plan_tasks": ("plan_version", "task_id"),
    "plan_versions": ("plan_version",),
}

#: columns in the plan's words
QUOTES: dict[str, tuple[str, ...]] = {
    "plan_area_industries": ("plan_quote", "industry_raw_zh"),
    "plan_departments": ("short_name_zh",),
    "plan_industries": ("plan_quote", "item_name_zh"),
    "plan_named_entities": ("name_zh",),
    "plan_obligations": ("plan_quote",),
    "plan_rules": ("plan_quote",),
    "plan_targets": ("plan_quote",),
    "plan_task_actions": ("action_text_zh",),
    "plan_task_departments": ("dept_short_name_zh",),
    "plan_tasks": ("section_title_zh", "task_title_zh", "responsibility_text_zh"),
}
#: of these, what stands in brackets is supplied by the editor: (海洋领域的)生命科学
BRACKETS_SUPPLIED = frozenset({("plan_industries", "item_name_zh")})

#: tables that hold also what only the notice names
OF_NOTICE_TOO = frozenset({"plan_named_entities"})


def suite(table: str, reference_dir: Path) -> ExpectationSuite:
    """Checks of one of the tables by itself, beside the text of the plan."""
    import great_expectations as gx

    quotes = [_quote(table, column, reference_dir) for column in QUOTES.get(table, ())]
    return gx.ExpectationSuite(name=table, expectations=[*published(empty="critical"), *quotes])


def _quote(table: str, column: str, reference_dir: Path) -> Expectation:
    words = f"arrived.{column}"
    if (table, column) in BRACKETS_SUPPLIED:
        words = f"regexp_replace({words}, '[((][^()()]*[))]', '', 'g')"
    clauses = str(reference_dir / "plan" / "plan_clauses.csv").replace("'", "''")
    clauses = clauses.replace("{", "{{").replace("}", "}}")
    of_the_plan = " and plan_section <> '0'" if table in OF_NOTICE_TOO else ""
    return no_row(
        f"{column}_is_in_the_plan",
        f"len(list_filter(string_split({words}, '…'), fragment -> not contains(coalesce(plan_text, ''), fragment))) > 0"
        + of_the_plan,
        show=[column],
        severity="critical",
        why=f"{column} is in the words of the plan, because a reader looks them up there.",
        key=KEYS[table],
        column=column,
        tables=f""",
texts as (
    select plan_version, string_agg(clause_text_zh, '' order by clause_id) as plan_text
    from read_csv('{clauses}', header = true, all_varchar = true) group by plan_version
)""",
        source="arrived left join texts using (plan_version)",
    )
