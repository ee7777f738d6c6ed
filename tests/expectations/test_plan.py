"""The suites of the plan's tables: the plan's own words pass, others are found, whatever stands beside them."""

from __future__ import annotations

import polars as pl
import pytest

from expectations import plan, runner
from orchestration.settings import SEEDS

pytestmark = pytest.mark.slow


@pytest.fixture
def failed(tmp_path):
    """The checks of a table's suite that fail on its rows, some cells replaced: {(row, column): text}."""

    def failed(table, cells=None, rows=None):
        frame = pl.read_csv(SEEDS / "plan" / f"{table}.csv", infer_schema=False)[:rows]
        changed = frame.to_dicts()
        for (row, column), text in (cells or {}).items():
            changed[row][column] = text
        file = tmp_path / "table.parquet"
        pl.DataFrame(changed, schema=frame.schema).write_parquet(file)
        found = [result for result in runner.run_suite(table, [file], SEEDS) if result.status != "passed"]
        return [(result.check, result.severity, result.unexpected_count) for result in found]

    return failed


@pytest.mark.parametrize("table", ["plan_rules", "plan_industries", "plan_named_entities", "plan_tasks"])
def test_the_plans_own_words_pass(failed, table):
    assert failed(table) == []


def test_words_that_the_plan_has_not_are_found(failed):
    cells = {
        (0, "plan_quote"): "每个县市区同类产业集聚区不超过2个",
        (1, "plan_quote"): "每个集聚区…重点发展1个海洋主导产业",
        (2, "plan_quote"): "每个集聚区…重点发展9个海洋主导产业",
    }
    assert failed("plan_rules", cells) == [("plan_quote_is_in_the_plan", "critical", 2)]


def test_what_the_notice_names_is_not_looked_up_and_what_the_plan_names_is(failed):
    assert failed("plan_named_entities", {(0, "name_zh"): "通知里的文号"}) == []
    assert failed("plan_named_entities", {(5, "name_zh"): "方案里没有的名字"}) == [
        ("name_zh_is_in_the_plan", "critical", 1)
    ]


@pytest.mark.parametrize("table", ["plan_clauses", "plan_obligations"])
def test_an_empty_table_stops_the_night(failed, table):
    [(_, severity, _)] = failed(table, rows=0)
    assert (severity, set(plan.KEYS) >= {table}) == ("critical", True)
