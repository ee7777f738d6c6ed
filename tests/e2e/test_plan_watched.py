"""The whole plan in a release: every clause watched by something that is there, and parameters that change a mart."""

from __future__ import annotations

import json

import pytest

from tests.cities import copy_of_bundled, rewrite

pytestmark = pytest.mark.slow


def test_every_clause_is_watched_or_says_why_not(demo_home):
    assert demo_home.rows("select kind, state, count(*) from clause_coverage group by all order by all") == [
        ("clause", "monitored", 35),
        ("clause", "reported", 47),
        ("heading", "no_content", 26),
        ("preamble", "no_content", 1),
        ("responsibility", "monitored", 1),
        ("responsibility", "reported", 16),
    ]
    assert demo_home.rows(
        "select count(*) from clause_coverage where state <> 'monitored' and nullif(trim(reason), '') is null"
    ) == [(0,)]


def test_what_watches_a_clause_is_in_the_release(demo_home):
    key = {
        "plan_progress": "target_id",
        "cluster_compliance": "rule_id",
        "obligation_calendar": "obligation_id",
        "task_ledger": "task_id",
    }
    named = {
        tuple(watcher.split(":"))
        for (text,) in demo_home.rows(
            "select monitored_by from clause_coverage where monitored_by is not null"
        )
        for watcher in text.split(";")
    }
    assert {mart for mart, _ in named} == set(key)
    for mart, column in key.items():
        there = {value for (value,) in demo_home.rows(f"select distinct {column} from {mart}")}
        assert {item for watcher, item in named if watcher == mart} <= there, mart


def test_the_ledger_has_a_line_for_every_task_and_body_of_a_month(demo_home):
    # 80 links of named departments (one of them to nobody by name), and 18 tasks for each of 12 counties and 2 zones
    [(lines, bodies, tasks)] = demo_home.rows(
        "select count(*), count(distinct body_id), count(distinct task_id) from task_ledger where period = '2026-10'"
    )
    assert (lines, bodies, tasks) == (80 + 18 * 14, 23 + 14, 18)
    assert demo_home.rows("select distinct status, rag from task_ledger where body_id = 'G03'") == [
        ("not_assignable", "grey")
    ]


def test_all_32_rules_are_judged_on_the_demo_clusters(demo_home):
    rules = demo_home.rows("select distinct rule_id from cluster_compliance order by 1")
    assert rules == [(f"R{n:02}",) for n in range(1, 33)]


def test_a_parameter_that_is_changed_changes_the_mart(demo_home, home_after, start_blue_ledger, tmp_path):
    asked = "select value from plan_progress where target_id = 'TG11' and period = '2026'"
    beside = "select reading, value from plan_progress_readings where target_id = 'TG11' and period = '2026' order by 1"
    [(of_14,)] = demo_home.rows(asked)
    assert demo_home.rows(beside)[0][0] == "A02=17"
    [(_, of_17), _] = demo_home.rows(beside)
    assert of_17 < of_14
    home, city = home_after(demo_home), copy_of_bundled(tmp_path / "city")
    rewrite(
        city,
        "plan_parameters.csv",
        lambda rows: [
            row | {"parameter_value": "17"} if row["parameter_code"] == "A02_unit_scope" else row
            for row in rows
        ],
    )

    with start_blue_ledger("nightly", home=home, variables={"BLUE_LEDGER_CITY": str(city)}) as process:
        out, err = process.communicate(timeout=240)
    assert process.returncode == 0, out + err

    changed = type(demo_home)(home, demo_home.night)
    assert changed.rows(asked) == [(of_17,)]
    assert changed.rows(beside) == [("A02=14", of_14), ("primary", of_17)]
    assert changed.rows(
        "select parameter_value from plan_parameters where parameter_code = 'A02_unit_scope'"
    ) == [("17",)]
    manifest = json.loads((changed.current / "manifest.json").read_text("utf-8"))
    assert manifest["parameters"]["A02_unit_scope"] == "17"
    assert changed.rows(
        "select value, value_before from meta.parameters where parameter_code = 'A02_unit_scope'"
    ) == [("17", "14")]
