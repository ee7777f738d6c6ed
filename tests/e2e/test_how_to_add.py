"""docs/architecture.md, followed word by word: its blocks are put where they say, one night runs, the release has the figures.

The second city is the invented one of tests/cities.py; nothing but its folder, its catalogue and its inbox is touched.
"""

from __future__ import annotations

import csv
import io
import re
import shlex
from pathlib import Path

import pytest

from tests.cities import PLAN, rewrite, write_small_city
from tests.conftest import PROJECT, TIMEOUT_S, Done, NightHome
from tests.e2e.test_small_city import CATALOGUE, FIGURES

pytestmark = pytest.mark.slow

PAGE = PROJECT / "docs" / "architecture.md"
BLOCK = re.compile(r"^```(\w+) (append|file|run)=?(\S*)\n(.*?)^```$", re.M | re.S)


def follow(base: Path) -> list[str]:
    """Put every block of the page where it says; returns the words of the commands that it ends with."""
    command: list[str] = []
    for _, verb, place, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if verb == "run":
            command = shlex.split(text.replace("$PWD", str(base)))
        elif verb == "file":
            file = base / "home" / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        elif place.endswith(".yml"):
            with (base / place).open("a", encoding="utf-8") as catalogue:
                catalogue.write(text)
        else:
            rows = list(csv.DictReader(io.StringIO(text)))
            rewrite(base / "city", place, lambda known, rows=rows: [*known, *rows])
    return command


@pytest.fixture(scope="module")
def followed(tmp_path_factory, start_blue_ledger) -> NightHome:
    base = tmp_path_factory.mktemp("how_to_add")
    write_small_city(base / "city")
    (base / "sources.yml").write_text(CATALOGUE, encoding="utf-8")
    (base / "home" / "inbox").mkdir(parents=True)
    (base / "home" / "inbox" / "figures.csv").write_text(FIGURES, encoding="utf-8")
    words = follow(base)
    program = words.index("blue-ledger")
    assert words[0] == "export"
    variables = dict(word.split("=", 1) for word in words[1:program])
    with start_blue_ledger(*words[program + 1 :], home=base / "home", variables=variables) as process:
        out, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, f"{out}\n{err}"
    return NightHome(base / "home", Done(process.returncode, out, err))


def test_the_page_shows_every_kind_of_addition():
    places = {
        place for _, verb, place, _ in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if verb == "append"
    }
    assert places == {
        "sources.yml", "indicators.csv", "indicator_aliases.csv", "plan/plan_targets.csv",
        "plan_target_parameters.csv", "plan/plan_rules.csv", "plan/plan_clauses.csv",
    }  # fmt: skip


def test_the_added_source_is_in_the_release_with_what_it_holds(followed):
    assert followed.rows(
        "select title_zh, data_origin from dim_source where source_id = 'inbox_cluster_list'"
    ) == [("海洋特色产业集聚区名单", "published")]
    assert followed.rows(
        "select cluster_name, tier, city_area_id, recognised_on::varchar from fct_cluster_title"
    ) == [("港北海洋渔业集聚区", "provincial", "lanwan", "2025-06-30")]


def test_the_added_indicator_is_defined_and_its_figures_are_read(followed):
    assert followed.rows(
        "select name_en, unit from dim_indicator where indicator_code = 'seawater_desalination'"
    ) == [("Desalination capacity", "count")]
    figures = (
        "select period, value, unit from fct_indicator_value where indicator_code = 'seawater_desalination'"
    )
    assert followed.rows(f"{figures} order by 1") == [("2024", 12.0, "count"), ("2025", 18.0, "count")]


def test_the_added_target_is_assessed_from_its_base(followed):
    # 6 in the first of three years, where 18 are to come: 6 a year so far, 6 a year needed
    assert followed.rows(
        "select period, value, target_value, base_value, ratio from plan_progress"
        " where target_id = 'TG90' and period = '2025'"
    ) == [("2025", 18.0, 30.0, 12.0, 1.0)]


def test_the_added_rule_is_judged_about_the_added_cluster(followed):
    assert followed.rows(
        f"select subject_name, is_met from cluster_compliance where rule_id = 'R90' and plan_version = '{PLAN}'"
    ) == [("港北海洋渔业集聚区", True)]


def test_the_added_clause_says_what_watches_it(followed):
    [(watched,)] = followed.rows("select monitored_by from clause_coverage where clause_id = 'C90'")
    assert watched == "cluster_compliance:R90;plan_progress:TG90"


def test_without_its_catalogue_an_earlier_day_is_not_asked_of_the_bundled_one(followed, blue_ledger):
    done = blue_ledger("status", "--as-of", "2026-11-01", home=followed.root)
    assert (done.code, done.out) == (2, "")
    assert "sources.yml is not the catalogue of the current release: it uses no source inbox_" in done.err
