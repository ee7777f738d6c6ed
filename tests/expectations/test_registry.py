"""The registry of suites, their words and their reference tables: everything that needs no Great Expectations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from expectations import DATASET_SUITES, MART_SUITES, SUITES, reference, vocabulary
from ingest import privacy
from ingest.datasets import DATASETS
from ingest.reference import VOCABULARIES

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "dbt_project" / "seeds"

MARTS = {
    "plan_progress",
    "marine_gdp_share",
    "digital_coverage",
    "cluster_counts",
    "green_titles",
    "data_gaps",
    "fct_indicator_value",
    "fct_green_event",
    "fct_cluster_title",
    "fct_digital_assessment",
    "fct_cluster_member",
    "fct_digital_status",
    "dim_area",
    "dim_department",
    "dim_industry",
    "dim_enterprise",
    "dim_cluster",
    "dim_indicator",
    "dim_target",
    "dim_source",
    "plan_progress_readings",
    "cluster_compliance",
    "task_ledger",
    "obligation_calendar",
    "area_scorecard",
    "revisions",
    "clause_coverage",
}


def test_every_raw_dataset_has_a_suite():
    assert set(DATASET_SUITES) == set(DATASETS)


def test_every_mart_of_figures_has_a_suite():
    assert set(MART_SUITES) >= MARTS


def test_a_subject_names_the_module_of_its_suite():
    assert SUITES["indicator_figures"] == "expectations.datasets.indicator_figures"
    assert SUITES["plan_progress"] == "expectations.marts.plan_progress"


def test_importing_suites_and_runner_does_not_import_great_expectations():
    modules = ["expectations", "expectations.runner", *SUITES.values()]
    code = f"import sys, {', '.join(modules)}; print('great_expectations' in sys.modules, 'sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    ("words", "of"),
    [
        ("vintage", vocabulary.VINTAGES),
        ("growth_basis", vocabulary.GROWTH_BASES),
        ("source_tier", vocabulary.SOURCE_TIERS),
        ("green_tier", vocabulary.GREEN_TIERS),
        ("green_category", vocabulary.GREEN_CATEGORIES),
        ("green_action", vocabulary.GREEN_ACTIONS),
        ("cluster_tier", vocabulary.CLUSTER_TIERS),
        ("grant_status", vocabulary.GRANT_STATUSES),
        ("evidence_grade", vocabulary.EVIDENCE_GRADES),
        ("enterprise_status", vocabulary.ENTERPRISE_STATUSES),
        ("digital_level", vocabulary.DIGITAL_LEVELS),
    ],
)
def test_suites_know_every_word_that_ingest_writes(words, of):
    written = yaml.safe_load(VOCABULARIES.read_text(encoding="utf-8"))[words].values()
    assert {str(word) for word in written} <= set(of)


def test_suites_know_the_mask_of_a_sole_traders_name():
    assert vocabulary.SOLE_TRADER_MASK == privacy.SOLE_TRADER


def test_the_citys_own_tables_give_bounds_at_every_level():
    levels = reference.area_levels(SEEDS)
    assert (levels["weifang"], levels["gaoxin"]) == ("city", "county")
    gop = {
        bound.level: (bound.low, bound.high)
        for bound in reference.bounds(SEEDS)
        if bound.indicator_code == "gop"
    }
    assert set(gop) == {"nation", "province", "city", "county"}
    assert gop["city"][0] < 1703.42 < gop["city"][1] < 17_034_200
    assert set(reference.indicator_units(SEEDS).values()) <= set(vocabulary.UNITS)


def test_the_citys_own_tables_give_fourteen_quantified_targets_and_the_thresholds():
    assert len({target for _, target in reference.quantified_targets(SEEDS)}) == 14
    assert reference.parameter(SEEDS, "ratio_on_track") == 0.95
    assert reference.effort_targets(SEEDS) == ["TG14"]


def test_the_colours_of_the_suites_are_those_of_the_plan_tables():
    table = reference.rows(SEEDS, "assessment_statuses.csv", ("status", "rag"))
    assert {row["status"]: row["rag"] for row in table} == vocabulary.RAG_OF_STATUS


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("areas.csv", None, "areas.csv: there is no such file"),
        ("areas.csv", "area_id\nweifang\n", r"areas.csv: expected columns \['area_level'\]"),
        ("areas.csv", "area_id,area_level\nweifang,shire\n", "areas.csv, line 2, column area_level: 'shire'"),
    ],
)
def test_a_wrong_area_table_is_named_with_its_line(tmp_path, name, text, message):
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(reference.ReferenceFault, match=message):
        reference.area_levels(tmp_path)


def test_a_bound_that_is_no_number_is_named_with_its_column(tmp_path):
    columns = [
        f"{level}_{side}" for level in ("nation", "province", "city", "county") for side in ("min", "max")
    ]
    text = f"indicator_code,{','.join(columns)}\ngop,,,,,many,,,\n"
    (tmp_path / "indicators.csv").write_text(text, encoding="utf-8")
    with pytest.raises(reference.ReferenceFault, match="indicators.csv, line 2, column city_min: 'many'"):
        reference.bounds(tmp_path)
