"""A city's folder held against what is declared of it: every fault names file, line and column, and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.plan import KEYS
from ingest import city
from orchestration.plan_cli import quotes
from orchestration.settings import SEEDS, city_tables
from tests.cities import FIRST, SECOND, add_second_version, copy_of_bundled, rewrite, write_small_city


@pytest.fixture(scope="module")
def tables():
    return city_tables()


@pytest.fixture
def folder(tmp_path) -> Path:
    return copy_of_bundled(tmp_path / "city")


def test_the_bundled_city_holds(tables):
    assert city.faults(SEEDS, tables, quotes()) == []


def test_the_small_city_and_a_second_version_hold(tables, folder, tmp_path):
    add_second_version(folder)
    assert city.faults(folder, tables, quotes()) == []
    assert city.faults(write_small_city(tmp_path / "small"), tables, quotes()) == []


def test_suites_know_the_keys_that_are_declared(tables):
    assert {name: table.key for name, table in tables.items() if table.is_published} == KEYS


def test_the_plan_has_as_many_rows_as_it_says(tables):
    rows = {name: len(city.read(SEEDS, tables[name])) for name in KEYS}
    assert rows["plan_targets"] == 15
    assert rows["plan_rules"] == 32
    assert rows["plan_area_industries"] == 34
    assert rows["plan_industries"] == 44
    assert rows["plan_industry_families"] == 16
    assert (rows["plan_tasks"], rows["plan_task_actions"], rows["plan_task_departments"]) == (18, 126, 116)
    assert (rows["plan_departments"], rows["plan_obligations"]) == (25, 24)
    assert (rows["plan_named_entities"], rows["plan_clauses"]) == (33, 126)


def test_a_missing_table_and_a_missing_column_are_named(tables, folder):
    (folder / "plan" / "plan_rules.csv").unlink()
    text = (folder / "areas.csv").read_text(encoding="utf-8")
    (folder / "areas.csv").write_text(text.replace("name_en", "english", 1), encoding="utf-8")
    found = city.structure_faults(folder, tables)
    assert {(fault.file, fault.line, fault.column) for fault in found} == {
        ("plan/plan_rules.csv", None, None),
        ("areas.csv", 1, "name_en"),
        ("areas.csv", 1, "english"),
    }


CELLS = [
    ("plan_targets", 0, "target_value", "两千", "a number"),
    ("plan_targets", 1, "target_year", "2027.5", "a whole number"),
    ("plan_targets", 2, "is_quantified", "yes", "true or false"),
    ("plan_versions", 0, "issued_on", "2024-10", "a day such as 2026-11-23"),
    ("plan_targets", 3, "target_id", "TG01", "each once"),
    ("plan_targets", 3, "target_id", "", "a value, because it is of the key"),
    ("plan_targets", 4, "indicator_code", "clusters", "what indicators has"),
    ("plan_task_departments", 5, "dept_id", "D99", f"what plan_departments has of {FIRST}"),
    ("plan_task_actions", 5, "task_id", "T999", f"what plan_tasks has of {FIRST}"),
    ("plan_area_industries", 0, "area_id", "qingdao", "what areas has"),
    ("plan_area_industries", 0, "family_id", "IF99", f"what plan_industry_families has of {FIRST}"),
    ("plan_industries", 4, "family_id", "IF07|IF99", f"what plan_industry_families has of {FIRST}"),
    ("plan_clauses", 2, "items", "targets:TG01|targets:TG99", f"what the plan's tables has of {FIRST}"),
    ("plan_rules", 0, "plan_quote", "每个县市区不超过2个", "words of the plan, as in plan_clauses"),
    ("plan_obligations", 0, "plan_quote", "研究制定…年度工作计划", "words of the plan, as in plan_clauses"),
    ("plan_parameters", 0, "parameter_value", "final", f"one of {FIRST}"),
]


@pytest.mark.parametrize(("name", "index", "column", "value", "expected"), CELLS)
def test_a_wrong_cell_is_named_with_what_was_expected(tables, folder, name, index, column, value, expected):
    def spoil(rows):
        rows[index][column] = value
        return rows

    rewrite(folder, tables[name].file, spoil)
    found = [
        fault
        for fault in city.faults(folder, tables, quotes())
        if fault.file == tables[name].file and column in fault.column and fault.expected == expected
    ]
    # a cell may span lines, so the line is where the row ends
    [(line, _)] = [numbered for numbered in city.read(folder, tables[name])][index : index + 1]
    assert [fault.line for fault in found] == [line]


def test_a_quote_in_fragments_holds_and_the_editors_brackets_are_not_quoted(tables, folder):
    def two_fragments(rows):
        rows[0]["plan_quote"] = "原则上每个县市区…同类产业集聚区不超过1个"
        return rows

    rewrite(folder, "plan/plan_rules.csv", two_fragments)
    assert city.faults(folder, tables, quotes()) == []
    assert any(row["item_name_zh"].startswith("(") for _, row in city.read(folder, tables["plan_industries"]))


def test_two_versions_differ_in_a_target_a_rule_and_a_task(tables, folder):
    add_second_version(folder)
    found = city.compare(folder, tables, FIRST, SECOND)
    assert set(found) == {"plan_clauses", "plan_rules", "plan_targets", "plan_tasks"}
    assert [row["rule_id"] for row in found["plan_rules"]["removed"]] == ["R32"]
    assert [row["task_id"] for row in found["plan_tasks"]["added"]] == ["T34"]
    assert found["plan_targets"]["changed"][0] == {
        "key": {"target_id": "TG01"},
        "column": "target_value",
        "old": "2000",
        "new": "2100",
    }
    backwards = city.compare(folder, tables, SECOND, FIRST)
    assert [row["rule_id"] for row in backwards["plan_rules"]["added"]] == ["R32"]


def test_a_version_that_is_not_there_is_no_version(tables):
    with pytest.raises(city.CityError, match="there is no version 'final'; expected one of draft_2024-10-11"):
        city.compare(SEEDS, tables, FIRST, "final")
