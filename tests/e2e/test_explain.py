"""`explain` after a whole night: the clause, what is meant, what stands in for what, and every figure with its source."""

from __future__ import annotations

import json
import shutil

import duckdb
import pytest

from warehouse.explain import explain, render
from warehouse.reader import print_table
from warehouse.release import Release

pytestmark = pytest.mark.slow


@pytest.fixture
def told(blue_ledger):
    """What `explain` says of a target in JSON, and what it prints."""

    def told(home, target_id):
        as_json = blue_ledger("explain", target_id, "--json", home=home.root)
        printed = blue_ledger("explain", target_id, home=home.root)
        assert (as_json.code, printed.code) == (0, 0), as_json.err + printed.err
        return json.loads(as_json.out), printed.out

    return told


def lines(printed):
    return [line.strip() for line in printed.splitlines()]


@pytest.fixture
def changed(real_home, tmp_path):
    """The release of the real home with its tables changed by SQL, as another night might have left it."""

    def changed(sql):
        folder = tmp_path / "changed"
        folder.mkdir()
        shutil.copyfile(real_home.current / "marts.duckdb", folder / "marts.duckdb")
        with duckdb.connect(str(folder / "marts.duckdb")) as connection:
            connection.execute(sql)
        manifest = json.loads((real_home.current / "manifest.json").read_text("utf-8"))
        return Release(folder, manifest["id"], manifest)

    return changed


def test_the_ocean_product_is_told_from_its_clause_to_its_cells(real_home, told):
    found, printed = told(real_home, "TG01")
    assert found["banner_zh"] == "征求意见稿"
    assert found["target"]["plan_quote"] == "全市海洋生产总值超过2000亿元"
    assert (found["method"], found["method_zh"]) == ("cagr_ratio", "年均增速比")
    assert (found["base"]["value"], found["base"]["period"], found["base"]["is_by_hand"]) == (
        1596.8,
        "2023",
        False,
    )
    history = [(row["period"], row["value"], row["ratio"], row["status"]) for row in found["history"]]
    assert history == [
        ("2023", 1596.8, None, "not_assessable"),
        ("2024", 1703.42, 1.153201, "on_track"),
        ("2025", None, None, "no_data"),
    ]
    [cell] = found["history"][1]["cells"]
    assert (cell["document"], cell["locator"], cell["published_on"]) == (
        "gop_weifang_shandong.csv",
        "!D2",
        "2025-12-31",
    )
    assert cell["title"] and cell["url"].startswith("https://")
    said = lines(printed)
    assert said[1].startswith("征求意见稿 draft · draft_2024-10-11 · ")
    assert "条文 clause  “全市海洋生产总值超过2000亿元” (方案 一)" in said
    for label in ("定义 definition", "来源 source", "责任部门 owner", "修订 revision", "限制 limits"):
        [line, *_] = [line for line in said if line.startswith(f"{label} ")]
        assert "未知" not in line
    assert any(line.startswith("ratio_on_track = 0.95") for line in said)
    assert f"{cell['url']} · gop_weifang_shandong.csv !D2" in printed
    assert "2025-01-06 · 网址未注明 no address · gop_weifang_shandong.csv !D7" in printed


def test_what_stands_in_for_the_ocean_industries_is_named_with_the_reason_and_both_growth_rates(
    real_home, told
):
    found, printed = told(real_home, "TG03")
    assert found["proxy"] == {
        "clause_zh": "海洋产业增加值增幅高于全市生产总值增幅2个百分点左右",
        "asked_zh": "海洋产业增加值增长率",
        "stands_in_zh": "海洋生产总值增长率",
        "why_zh": "全市海洋产业增加值增速未公布",
        "periods": ["2024"],
    }
    year = found["history"][0]
    assert (year["period"], year["value"], year["is_proxy"]) == ("2024", 0.9, True)
    inputs = {given["column"]: given for given in year["inputs"]}
    assert {name: given["value"] for name, given in inputs.items()} == {
        "gop_growth_pct": 6.8,
        "gdp_growth_pct": 5.9,
        "ocean_industry_growth_pct": None,
    }
    assert inputs["ocean_industry_growth_pct"]["cells"] == []
    for name, place in (
        ("gop_growth_pct", ("gop_weifang_shandong.csv", "!D5")),
        ("gdp_growth_pct", ("gdp_city_province.csv", "!D14")),
    ):
        [cell] = inputs[name]["cells"]
        assert (cell["document"], cell["locator"]) == place
        assert cell["title"] and cell["url"] and cell["published_on"]
    assert "A05" in found["indicator"]["method_zh"]
    said = [" ".join(line.split()) for line in lines(printed)]
    assert "代用 proxy" in said
    assert "条文所指 asked 海洋产业增加值增长率" in said
    assert "代用指标 stands in 海洋生产总值增长率" in said
    assert "原因 why 全市海洋产业增加值增速未公布" in said
    assert "2024 海洋生产总值增长率 6.8%" in said
    assert "2024 地区生产总值增长率 5.9%" in said
    assert "2024 海洋产业增加值增长率 未公布 not published" in said


def test_a_base_set_by_hand_gives_its_reason(real_home, told):
    found, printed = told(real_home, "TG04")
    assert found["base"] == {
        "value": 0.0,
        "period": "2024",
        "is_by_hand": True,
        "reason_zh": "首批省级集聚区于2025年初公布,此前为零",
        "cells": [],
    }
    assert "0 个(2024),人工设定 set by hand" in printed
    assert "首批省级集聚区于2025年初公布,此前为零" in printed
    assert found["proxy"] is None and "代用 proxy" not in printed


def test_a_target_without_a_number_says_so_and_is_not_judged(real_home, told):
    found, printed = told(real_home, "TG15")
    assert (found["method"], found["target"]["is_quantified"]) == ("not_quantified", False)
    assert [(row["status"], row["reason"]) for row in found["history"]] == [
        ("not_assessable", "方案未给出比例")
    ] * 2
    assert "方案未给出数值 not quantified" in printed
    assert "没有数值,因此没有来源" in printed


def test_every_target_is_explained_and_what_rests_on_demo_data_says_so(demo_home):
    manifest = json.loads((demo_home.current / "manifest.json").read_text("utf-8"))
    release = Release(demo_home.current, manifest["id"], manifest)
    targets = [id_ for (id_,) in demo_home.rows("select target_id from dim_target order by 1")]
    assert len(targets) == 15
    for target_id in targets:
        found = explain(release, target_id)
        assert found.owner_zh and found.history, target_id
        render(found)
    municipal = explain(release, "TG05")
    assert {row.data_origin for row in municipal.history} == {"demo"}
    assert {cell.data_origin for row in municipal.history for cell in row.cells} == {"demo"}


def test_a_target_or_version_that_is_not_there_is_answered_with_those_that_are(real_home, blue_ledger):
    done = blue_ledger("explain", "TG99", home=real_home.root)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(
        "no target 'TG99' in plan draft_2024-10-11; there are TG01 海洋生产总值, TG02 "
    )
    done = blue_ledger("explain", "TG01", "--plan-version", "final", home=real_home.root)
    assert (done.code, done.err.strip()) == (2, "no plan version 'final'; there are draft_2024-10-11")


def test_other_readings_are_shown_where_the_release_has_them(changed, capsys):
    release = changed("""
        create or replace table plan_progress_readings as
        select * replace (value::double as value, ratio::double as ratio) from (values
            ('draft_2024-10-11', 'TG04', '2025', 'titles', '按已公布称号计', true, 1.0, 0.75, 'acceleration_needed'),
            ('draft_2024-10-11', 'TG04', '2025', 'exclusive', '按最高级别计', false, 2.0, 1.5, 'on_track'),
            ('draft_2024-10-11', 'TG05', '2025', 'titles', '按已公布称号计', true, 5.0, 1.5, 'on_track')
        ) as t (plan_version, target_id, period, reading, reading_label_zh, is_primary, value, ratio, status)
    """)
    found = explain(release, "TG04")
    assert [(row["reading"], row["is_primary"], row["value"]) for row in found.readings] == [
        ("titles", True, 1.0),
        ("exclusive", False, 2.0),
    ]
    print_table(render(found))
    said = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "2025 按最高级别计 exclusive 否 2 个 150.0% 进度正常" in said


def test_a_release_from_before_the_parameters_were_published_is_explained_without_them(changed):
    release = changed("drop table meta.parameters; alter table meta.columns drop column indicator")
    found = explain(release, "TG03")
    assert (found.parameters, found.proxy.why_zh, found.history[0].inputs) == ((), None, ())
    assert found.history[0].cells
    assert explain(release, "TG04").base.is_by_hand


def test_the_release_publishes_the_parameters_it_was_judged_by(real_home):
    rows = dict(real_home.rows("select parameter_code, value from meta.parameters"))
    assert rows["ratio_on_track"] == "0.95"
    plan = "draft_2024-10-11"
    assert (rows[f"{plan}:TG04.base_value"], rows[f"{plan}:TG04.base_year"]) == ("0", "2024")
    assert f"{plan}:TG01.base_value" not in rows
    [(question, reading)] = real_home.rows(
        f"select question, reading from meta.parameters where parameter_code = '{plan}:TG04.base_value'"
    )
    assert (question, reading) == ("基期值(人工设定)", "首批省级集聚区于2025年初公布,此前为零")


def test_the_dictionary_of_a_release_says_which_indicator_a_column_shows(real_home):
    [(zh, comment)] = real_home.rows(
        "select description_zh, comment from meta.columns join duckdb_columns() using (table_name, column_name)"
        " where indicator = 'gop' and table_name = 'marine_gdp_share'"
    )
    [(definition,)] = real_home.rows("select definition_zh from dim_indicator where indicator_code = 'gop'")
    assert definition in zh and comment.startswith(zh)
