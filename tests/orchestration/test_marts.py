"""What is said of columns that leave the house: an indicator's definition from its one place; and the plan's parameters."""

from __future__ import annotations

import csv
import shutil

import polars as pl
import pytest

from orchestration import marts
from orchestration.settings import SEEDS
from warehouse.home import Home

COMPLETE = ("definition_zh", "source_zh", "method_zh", "owner_department", "revision_policy_zh", "limits_zh")


def indicators(folder=SEEDS) -> dict[str, dict[str, str]]:
    with (folder / "indicators.csv").open(encoding="utf-8", newline="") as file:
        return {row["indicator_code"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    from orchestration import prepare

    return prepare.manifest(Home(tmp_path_factory.mktemp("home")))


def columns(manifest, seeds=SEEDS):
    """Every column that shows an indicator, by mart and name."""
    return {
        (spec.name, column.name): column
        for spec in marts.specs(manifest, seeds)
        for column in spec.columns
        if column.indicator
    }


# ── columns that show an indicator ───────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_a_column_that_shows_an_indicator_is_described_by_its_definition(manifest):
    known, shown = indicators(), columns(manifest)
    assert {mart for mart, _ in shown} >= {
        "marine_gdp_share",
        "digital_coverage",
        "cluster_counts",
        "green_titles",
    }
    for column in shown.values():
        indicator = known[column.indicator]
        assert column.description_zh.startswith(indicator["name_zh"] + "(")
        assert indicator["definition_zh"] in column.description_zh
        assert column.description_en.startswith(indicator["name_en"] + " (")
        assert indicator["definition_en"] in column.description_en
        assert column.unit == indicator["unit"]


@pytest.mark.slow
def test_every_indicator_that_a_mart_shows_is_completely_defined(manifest):
    known = indicators()
    lacking = {
        column.indicator: missing
        for column in columns(manifest).values()
        if (missing := [name for name in COMPLETE if not known[column.indicator][name]])
    }
    assert lacking == {}


@pytest.mark.slow
def test_a_formula_is_told_in_the_columns_of_its_mart_and_never_of_what_is_printed(manifest):
    shown = columns(manifest)
    assert shown["marine_gdp_share", "share_pct"].formula == "100 * gop_100m_cny / gdp_100m_cny"
    assert shown["digital_coverage", "coverage_pct"].formula == "100 * transformed_count / frame_count"
    assert shown["marine_gdp_share", "published_share_pct"].formula is None
    assert shown["marine_gdp_share", "gop_100m_cny"].formula is None
    assert (
        shown["marine_gdp_share", "growth_gap_pp"].formula
        == "ocean_industry_growth_pct (else gop_growth_pct) - gdp_growth_pct"
    )


@pytest.mark.slow
def test_another_definition_in_the_seeds_is_another_comment(manifest, tmp_path):
    seeds = shutil.copytree(SEEDS, tmp_path / "seeds")
    file, old = seeds / "indicators.csv", indicators()["gop_share_gdp"]["definition_zh"]
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(
        text.replace(old, "两个总量之比").replace("gop_share_gdp,海洋生产总值占", "gop_share_gdp,海产值占"),
        encoding="utf-8",
    )
    column = columns(manifest, seeds)["marine_gdp_share", "share_pct"]
    assert column.description_zh == "海产值占地区生产总值比重(%,现价):两个总量之比。本列:按同类版次的总量计算"
    before, after = columns(manifest), columns(manifest, seeds)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {("marine_gdp_share", "share_pct"), ("marine_gdp_share", "published_share_pct")}


def test_a_column_of_an_indicator_that_is_not_defined_is_an_error():
    node = {
        "resource_type": "model",
        "schema": "marts",
        "name": "shares",
        "config": {"meta": {"keys": [], "zh": "占比"}},
        "description": "Shares",
        "columns": {
            "x_pct": {
                "name": "x_pct",
                "data_type": "double",
                "description": "",
                "config": {"meta": {"indicator": "no_such"}},
            }
        },
    }
    with pytest.raises(LookupError, match="shares.x_pct: indicator 'no_such' is not in indicators.csv"):
        marts.specs({"nodes": {"shares": node}})


# ── parameters of the plan ───────────────────────────────────────────────────────────────────────────────────


def test_every_parameter_and_every_cell_of_a_target_that_is_set_is_one_row():
    general = pl.DataFrame(
        {
            "parameter_code": ["ratio_on_track", "A15_not_set"],
            "parameter_value": ["0.95", None],
            "question_zh": ["进度正常的下限", "未定"],
            "reading_zh": ["Eurostat 分级", None],
            "allowed_values": ["0..1", None],
        }
    )
    of_targets = pl.DataFrame(
        {
            "target_id": ["TG04"],
            "base_year": [2024],
            "base_value": [0.0],
            "base_reason_zh": ["此前为零"],
            "decision_month_day": pl.Series([None], dtype=pl.String),
            "is_effort": [False],
            "another_column": ["x"],
        }
    )
    assert marts.parameters(general, of_targets).rows() == [
        ("ratio_on_track", "0.95", "进度正常的下限", "Eurostat 分级"),
        ("A15_not_set", None, "未定", None),
        ("TG04.base_year", "2024", "定基年份", None),
        ("TG04.base_value", "0", "基期值(人工设定)", "此前为零"),
        ("TG04.base_reason_zh", "此前为零", "基期值的依据", None),
        ("TG04.is_effort", "false", "是否努力目标(争创)", None),
        ("TG04.another_column", "x", "another_column", None),
    ]


def test_where_targets_differ_by_plan_version_the_version_stands_before_the_target():
    general = pl.DataFrame(
        schema=dict.fromkeys(("parameter_code", "parameter_value", "question_zh", "reading_zh"), pl.String)
    )
    of_targets = pl.DataFrame(
        {"plan_version": ["v1", "v2"], "target_id": ["TG06"] * 2, "base_value": [87.3, None]}
    )
    assert marts.parameters(general, of_targets).rows() == [
        ("v1:TG06.base_value", "87.3", "基期值(人工设定)", None)
    ]
