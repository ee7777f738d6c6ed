"""Lineage ends at what people read: exposures against the marts of a release, and the page that tells of both."""

from __future__ import annotations

import csv
import json
import re
from functools import cache

import pytest
import yaml

from orchestration import lineage
from orchestration.settings import DBT_PROJECT, PROJECT, SEEDS

pytestmark = pytest.mark.slow

REF = re.compile(r"ref\('([a-z_]+)'\)")


@cache
def exposures() -> dict[str, dict]:
    file = DBT_PROJECT / "models" / "exposures.yml"
    return {one["name"]: one for one in yaml.safe_load(file.read_text("utf-8"))["exposures"]}


def reads(name: str) -> set[str]:
    return {REF.fullmatch(text)[1] for text in exposures()[name]["depends_on"]}


def hands_on_everything(name: str) -> bool:
    return exposures()[name]["config"]["meta"].get("reads_all", False)


@pytest.fixture(scope="module")
def marts(real_home) -> set[str]:
    return set(json.loads((real_home.current / "manifest.json").read_text("utf-8"))["marts"])


def test_what_people_read_is_made_of_marts_that_are_published(marts):
    assert {name: sorted(reads(name) - marts) for name in exposures() if reads(name) - marts} == {}


def test_every_mart_is_read_somewhere_or_is_said_to_be_for_analysts(marts):
    shown = set().union(*(reads(name) for name in exposures() if not hands_on_everything(name)))
    assert marts - shown == set()
    pages = set().union(
        *(reads(name) for name in exposures() if not hands_on_everything(name) and name != "analysts")
    )
    assert reads("analysts") & pages == set()  # the list of what no page shows stays honest


def test_what_hands_on_everything_names_every_mart(marts):
    assert [name for name in exposures() if hands_on_everything(name)] == ["postgres_mirror"]
    assert reads("postgres_mirror") == marts


def test_every_owner_is_a_department_of_the_plan_or_the_citys_statisticians():
    with (SEEDS / "plan" / "plan_departments.csv").open(encoding="utf-8", newline="") as file:
        known = {row[name] for row in csv.DictReader(file) for name in row if name.endswith("name_zh")}
    owners = {owner for one in exposures().values() for owner in one["owner"]["name"].split("、")}
    assert owners - known - {"市统计局"} == set()


def test_the_release_says_what_each_mart_is_made_of_and_who_reads_it(real_home):
    told = json.loads((real_home.current / "lineage" / "lineage.json").read_text("utf-8"))
    assert told["release"] == real_home.current.name
    coverage = told["marts"]["digital_coverage"]
    assert coverage["key"] == ["area_id", "as_of", "scope"]
    assert coverage["rows"] == real_home.rows("select count(*) from digital_coverage")[0][0]
    assert {"above_scale_frame", "digital_assessments"} <= set(coverage["datasets"])
    assert "areas" in coverage["city_tables"]
    assert {"site_areas", "bulletin", "postgres_mirror"} <= set(coverage["read_by"])
    assert told["exposures"]["site_cockpit"]["label"] == "驾驶舱"
    assert set(told["exposures"]) == set(exposures())


def test_the_page_of_lineage_tells_nothing_of_the_machine_and_asks_nothing_of_the_net(real_home):
    page = (real_home.current / "lineage" / "index.html").read_text("utf-8")
    assert real_home.current.name in page
    assert "方案各项目标的进度" in page
    assert "INLINE DATA" not in page
    for place in (
        str(PROJECT),
        str(DBT_PROJECT),
        str(real_home.root),
        '"root_path"',
        '"user_id"',
        '"invocation_id"',
    ):
        assert place not in page, place
    assert page.count('http-equiv="Content-Security-Policy"') == 1
    assert "default-src 'none'" in page
    fetched = r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)\s*=\s*[\"']?(?:https?:)?//"
    assert re.findall(fetched, page) == []


def test_no_text_of_the_project_can_end_the_script_that_carries_it():
    carried = lineage._inline(
        {"description": "</script><script>alert(1)</script>", "file": f"{PROJECT}/x.sql"}
    )
    assert "<" not in carried
    assert json.loads(carried) == {"description": "</script><script>alert(1)</script>", "file": "x.sql"}


def test_a_page_of_dbt_that_was_never_tried_is_refused(tmp_path, monkeypatch):
    class Other:
        def locate_file(self, _):
            return tmp_path / "index.html"

    (tmp_path / "index.html").write_text("<html><head></head></html>", encoding="utf-8")
    monkeypatch.setattr(lineage, "distribution", lambda _: Other())
    empty = {"metadata": {}, "nodes": {}, "sources": {}, "macros": {}, "docs": {}}
    with pytest.raises(lineage.LineageError, match=r"dbt's page has 0 places"):
        lineage._page("20261123T021503Z", empty, [], {})
