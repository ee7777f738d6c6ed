"""Linkage on a small labelled list: what rules accept is right, what they leave is shown. Figures at scale: benchmarks."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.demo.generator import generate
from orchestration.settings import SEEDS

pytestmark = pytest.mark.slow

spec = importlib.util.spec_from_file_location(
    "linkage_benchmark", Path(__file__).parents[1] / "benchmarks" / "linkage.py"
)
benchmark = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = benchmark
spec.loader.exec_module(benchmark)


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    """Build file after linking a tenth of the list against a register of 20,000, and the outcome by kind."""
    folder = tmp_path_factory.mktemp("linkage")
    register = generate(folder / "demo", 20_000, plan_dir=SEEDS)["enterprise_register"]
    data = benchmark.labelled(register, seed=3, share=0.1)
    benchmark.prepare(data, iter(()), folder)
    benchmark.link(folder)
    table = {row["kind"]: row for row in benchmark.outcome(data, folder).to_dicts()}
    bearers = data.register.select("name", bearer="uscc")
    spelt = data.listed.join(bearers, on="name").filter(pl.col("bearer").ne_missing(pl.col("truth")))
    return folder / "build.duckdb", table, spelt.height


@pytest.mark.parametrize("kind", ["clean", "fmt", "former", "branch", "branch_registered"])
def test_what_equals_a_name_that_a_firm_bears_is_linked_and_rightly(linked, kind):
    row = linked[1][kind]
    assert (row["accepted"], row["right"]) == (row["entries"], row["entries"])


def test_no_accepted_link_is_wrong_unless_dirt_spells_another_firm_exactly(linked):
    table = linked[1].values()
    assert sum(row["accepted"] - row["right"] for row in table) <= linked[2] <= 2
    assert sum(row["accepted"] for row in table) >= 0.7 * sum(row["with_truth"] for row in table)


def test_a_reviewer_is_shown_what_rules_cannot_settle(linked):
    table = linked[1].values()
    found = sum(row["right"] + row["truth_in_top3"] for row in table)
    assert found >= 0.97 * sum(row["with_truth"] for row in table)


@pytest.mark.parametrize("kind", ["other_county", "other_prefix", "other_character", "new"])
def test_a_lookalike_of_a_firm_that_is_not_registered_is_never_taken_for_one(linked, kind):
    assert linked[1][kind]["accepted"] == 0


def test_a_score_accepts_nothing_and_shows_at_most_five(linked):
    with duckdb.connect(str(linked[0]), read_only=True) as connection:
        by_score = "select count(*) from intermediate.int_link_rules where tier = 'T5'"
        assert connection.execute(by_score).fetchone() == (0,)
        [(most, lowest)] = connection.execute(
            "select max(nth), min(score) from intermediate.int_link_candidates where tier = 'T5'"
        ).fetchall()
    assert most <= 5
    assert lowest >= 0.8
