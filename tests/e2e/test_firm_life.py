"""What happens to a firm and what the marts make of it: it is proposed, granted, renamed, removed, and leaves the frame.

The demo registers hold such firms; each test takes them from the rows that came in and looks for them in what went out.
"""

from __future__ import annotations

import duckdb
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def arrived(demo_home):
    """Rows of the raw layer of the demo home."""

    def rows(dataset: str, sql: str) -> list[tuple]:
        files = str(demo_home.root / "raw" / dataset / "*.parquet")
        return duckdb.sql(
            f"with raw as (select * from read_parquet('{files}', union_by_name = true)) {sql}"
        ).fetchall()

    return rows


def test_a_unit_that_was_only_proposed_is_on_no_list(demo_home, arrived):
    proposed = arrived(
        "green_list_entries",
        "select name_normalised from raw where data_origin = 'demo' and status = 'proposed' and name_normalised not in"
        " (select name_normalised from raw where status = 'granted')",
    )
    assert len(proposed) > 5
    [(events,)] = demo_home.rows(
        f"select count(*) from fct_green_event where name_text in {tuple(n for (n,) in proposed)}"
    )
    assert events == 0


def test_a_removed_unit_counts_until_its_removal_and_no_longer(demo_home, arrived):
    [(year, removed)] = arrived(
        "green_list_entries",
        "select extract(year from coalesce(effective_on, published_on)), "
        "count(distinct (category, coalesce(uscc, name_normalised))) from raw "
        "where data_origin = 'demo' and tier = 'municipal' and action = 'remove' and status = 'granted' "
        "group by 1 order by 2 desc, 1 limit 1",
    )
    [(before, added, out, after)] = demo_home.rows(
        "with city as (select * from green_titles where area_id = 'weifang' and tier = 'municipal' and category = 'all'"
        f" and scope = 'all') select (select titles from city where year = {year - 1}), added, removed, titles from city"
        f" where year = {year}"
    )
    assert out == removed > 0
    assert after == before + added - out


def test_a_new_name_neither_adds_nor_removes_a_title(demo_home):
    [(years, kept)] = demo_home.rows(
        "select count(*), count(*) filter (where titles = before + added - removed) from (select *, lag(titles) over "
        "(order by year) as before from green_titles where area_id = 'weifang' and tier = 'municipal' and scope = 'all' "
        "and category = 'all') where before is not null"
    )
    [(renamed,)] = demo_home.rows(
        "select sum(renamed) from green_titles where area_id = 'weifang' and tier = 'municipal' and scope = 'all'"
    )
    assert kept == years > 2 and renamed > 0


def test_a_firm_that_left_the_frame_is_counted_before_and_not_after(demo_home, arrived):
    left = arrived(
        "above_scale_frame",
        "select uscc, entered_on, exited_on from raw where exited_on between date '2024-01-01' and date '2025-12-01' "
        "and entered_on < date '2023-12-31' and uscc not in (select uscc from raw where exited_on is null)",
    )
    assert len(left) > 3
    for uscc, entered, exited in left:
        days = demo_home.rows(f"select as_of from fct_digital_status where uscc = '{uscc}'")
        assert days and all(entered <= day < exited for (day,) in days)
        every = demo_home.rows(f"select distinct as_of from fct_digital_status where as_of >= '{exited}'")
        assert every
    assert demo_home.rows(
        f"select count(*) from dim_enterprise where is_above_scale and uscc in {tuple(uscc for uscc, *_ in left)}"
    ) == [(0,)]


def test_the_unassessed_widen_the_bounds_and_stay_in_the_denominator(demo_home):
    rows = demo_home.rows(
        "select frame_count, assessed_count, transformed_count, coverage_pct, coverage_low_pct, coverage_high_pct "
        "from digital_coverage where area_id = 'weifang' and scope = 'all' and frame_count is not null"
    )
    assert rows
    for frame, assessed, transformed, coverage, low, high in rows:
        assert assessed < frame
        assert coverage == low == pytest.approx(100 * transformed / frame, abs=1e-4)
        assert high - low == pytest.approx(100 * (frame - assessed) / frame, abs=1e-3)


def test_a_member_counts_from_the_recognition_of_its_cluster_and_to_its_exit(demo_home):
    [(members, wrong)] = demo_home.rows(
        "select count(*), count(*) filter (where counts_from is distinct from greatest(m.valid_from, recognised_on)) "
        "from fct_cluster_member as m join (select cluster_id, min(recognised_on) as recognised_on from fct_cluster_title "
        "where status <> 'proposed' group by 1) using (cluster_id)"
    )
    assert members > 50 and wrong == 0
    assert (
        demo_home.rows(
            "select count(*) from fct_digital_status as s join fct_cluster_member as m using (uscc) where is_in_cluster "
            "group by uscc, as_of having count(*) filter (where counts_from <= as_of and "
            "(valid_to is null or valid_to > as_of)) = 0"
        )
        == []
    )


def test_the_marine_scope_counts_industries_that_are_marine_as_a_whole_and_says_that_the_table_is_partial(
    demo_home,
):
    [(counted, reason)] = demo_home.rows(
        "select frame_count, reason from digital_coverage where area_id = 'weifang' and scope = 'marine' "
        "order by as_of desc limit 1"
    )
    [(expected,)] = demo_home.rows(
        "select count(distinct uscc) from fct_digital_status join dim_enterprise using (uscc) where is_marine and is_latest "
        "and as_of = (select max(as_of) from digital_coverage where area_id = 'weifang' and scope = 'marine')"
    )
    assert counted == expected > 0
    assert reason == "涉海行业对照表为部分,未列行业未计入"
