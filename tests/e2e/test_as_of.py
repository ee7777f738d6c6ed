"""What was known on an earlier day, asked of a home by the commands that analysts and auditors use."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HEADER = "地区,指标,时期,数值,单位,增速(%),增速口径,版次,标题,网址,发布日期,来源级别,采用,不采用原因,备注"
REVISED = "潍坊市,海洋生产总值,2024,1711.5,亿元,,,最终核实,2024年海洋生产总值最终核实,,{day},O,是,,"

GOP = (
    "select area_id, period, value, published_on from fct_indicator_value"
    " where indicator_code = 'gop' and headline_rank = 1 and area_id in ('weifang', 'shandong') and period >= '2022'"
    " order by all"
)


@pytest.fixture(scope="module")
def home(real_home, tmp_path_factory):
    """A home whose answers of earlier days are kept from one question to the next."""
    return Path(shutil.copytree(real_home.root, tmp_path_factory.mktemp("as_of") / "home", symlinks=True))


def answer(done) -> list[dict]:
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_on_a_day_of_2024_the_figures_of_2023_are_known_and_none_of_2024(real_home, home, blue_ledger):
    known = answer(blue_ledger("query", "--as-of", "2024-06-30", "--format", "json", GOP, home=home))

    assert [(row["area_id"], row["period"], row["value"]) for row in known] == [
        ("shandong", "2022", 16302.9),
        ("shandong", "2023", 17018.3),
        ("shandong", "2023Q1-Q3", 12600.0),
    ]
    marts = answer(
        blue_ledger(
            "query", "--as-of", "2024-06-30", "--format", "json",
            "select (select count(*) from fct_indicator_value where published_on > date '2024-06-30') as later,"
            " (select count(*) from cluster_counts where stock_titles is not null) as clusters,"
            " (select max(expected_by) from data_gaps)::varchar as gap,"
            " (select entities from green_titles where area_id = 'weifang' and tier = 'national' and year = 2021"
            " and category = 'all' and scope = 'all') as green",
            home=home,
        )
    )  # fmt: skip
    titles = (
        "area_id = 'weifang' and tier = 'national' and year = 2021 and category = 'all' and scope = 'all'"
    )
    assert real_home.rows(f"select entities from green_titles where {titles}") == [(18,)]
    assert marts == [{"later": 0, "clusters": 0, "gap": "2024-06-30", "green": 18}]


def test_status_of_an_earlier_day_still_lists_every_target(home, blue_ledger):
    told = answer(blue_ledger("status", "--as-of", "2024-06-30", "--json", home=home))

    assert [row["target_id"] for row in told["targets"]] == [f"TG{n:02}" for n in range(1, 16)]
    assert {row["value"] for row in told["targets"]} == {None}
    assert {row["target_id"]: row["status"] for row in told["targets"]}["TG13"] == "not_due"


def test_a_later_vintage_changes_today_and_leaves_what_was_known_before(
    real_home, home, blue_ledger, tmp_path
):
    day = "2026-01-31"
    assert blue_ledger("export", "csv", "--as-of", day, "-o", tmp_path / "before", home=home).code == 0

    sheet = f"{HEADER}\n{REVISED.format(day='2026-10-20')}\n"
    (home / "inbox" / "gop_figures.csv").write_text(sheet, encoding="utf-8")
    night = blue_ledger("nightly", "--no-demo", home=home)
    assert night.code == 0, night.err

    question = (
        "select value, value_vintage, status from plan_progress where target_id = 'TG01' and period = '2024'"
    )
    [today] = answer(blue_ledger("query", "--format", "json", question, home=home))
    assert (today["value"], today["value_vintage"]) == (1711.5, "verified")
    [then] = answer(blue_ledger("query", "--as-of", day, "--format", "json", question, home=home))
    assert then["value"] == 1703.42

    assert blue_ledger("export", "csv", "--as-of", day, "-o", tmp_path / "after", home=home).code == 0
    files = {path.name: path.read_bytes() for path in (tmp_path / "before").iterdir()}
    # the catalogue tells what stands today, too: a source that brought nothing then is listed as such
    assert {path.name: path.read_bytes() for path in (tmp_path / "after").iterdir()} == files
    assert len(files) == len(list((real_home.current / "parquet").iterdir())) + 1

    revisions = answer(
        blue_ledger(
            "query", "--format", "json",
            "select published_on::varchar as day, value, revision, kind from revisions"
            " where indicator = 'gop' and area_id = 'weifang' and period = '2024' order by 1",
            home=home,
        )
    )  # fmt: skip
    assert [(row["day"], row["value"], row["kind"]) for row in revisions] == [
        ("2025-06-27", 1703.4, "first"),
        ("2025-12-31", 1703.42, "revised"),
        ("2026-10-20", 1711.5, "revised"),
    ]
    assert revisions[-1]["revision"] == pytest.approx(8.08)


def test_a_day_ahead_and_a_day_that_is_none_are_bad_usage(real_home, blue_ledger):
    ahead = blue_ledger("status", "--as-of", "2031-01-01", home=real_home.root)
    assert (ahead.code, ahead.err.strip().split(";")[0]) == (2, "--as-of 2031-01-01: the day lies ahead")
    assert blue_ledger("status", "--as-of", "last March", home=real_home.root).code == 2
