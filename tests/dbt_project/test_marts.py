"""What the marts say of the bundled figures: the values that readers would quote, and the documented conflicts."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

TARGET = (
    "select value, base_value, base_period, round(ratio, 4), status, data_origin from plan_progress where "
)


def test_the_ocean_product_of_2024_is_judged_from_its_base_of_2023(real_home):
    assert real_home.rows(TARGET + "target_id = 'TG01' and period = '2024'") == [
        (1703.42, 1596.8, "2023", 1.1532, "on_track", "published")
    ]


def test_the_share_is_computed_and_the_published_one_stands_beside_it(real_home):
    assert real_home.rows(
        "select round(value, 2), published_value, status from plan_progress where target_id = 'TG02' and period = '2024'"
    ) == [(20.77, 21.0, "not_assessable")]


def test_the_one_provincial_cluster_is_a_published_fact(real_home):
    assert real_home.rows(TARGET + "target_id = 'TG04' and period = '2025'") == [
        (1.0, 0.0, "2024", 0.75, "acceleration_needed", "published")
    ]


@pytest.mark.parametrize(
    ("mart", "column"),
    [
        ("plan_progress", "value"),
        ("fct_indicator_value", "value"),
        ("marine_gdp_share", "gop_100m_cny"),
        ("marine_gdp_share", "gdp_100m_cny"),
        ("marine_gdp_share", "share_pct"),
        ("digital_coverage", "frame_count"),
        ("digital_coverage", "coverage_pct"),
        ("cluster_counts", "stock_titles"),
    ],
)
def test_no_published_figure_is_a_zero(real_home, mart, column):  # a list that is complete may count none
    assert real_home.rows(f"select * from {mart} where {column} = 0 and data_origin = 'published'") == []


def test_without_demo_nothing_unknown_is_a_zero(real_home):
    unknown = ("TG05", "TG07", "TG08", "TG10", "TG11")
    assert real_home.rows(
        f"select target_id, value, status, reason is not null from plan_progress where target_id in {unknown} order by 1"
    ) == [(target, None, "no_data", True) for target in unknown]
    assert real_home.rows(
        "select count(*) from cluster_counts where tier = 'municipal' and stock_titles is not null"
    ) == [(0,)]


def test_a_published_figure_beats_a_demo_one(demo_home):
    assert demo_home.rows(
        "select distinct data_origin from plan_progress where target_id in ('TG01', 'TG04', 'TG06', 'TG09', 'TG14')"
    ) == [("published",)]
    assert demo_home.rows("select distinct data_origin from plan_progress where target_id = 'TG05'") == [
        ("demo",)
    ]


def test_sixteen_areas_and_the_city_are_both_kept_with_their_gap(real_home):  # C20
    [(areas, total, city)] = real_home.rows(
        """
        select count(*) filter (where area_level <> 'city'), round(sum(value) filter (where area_level <> 'city'), 1),
            max(value) filter (where area_level = 'city')
        from fct_indicator_value join dim_area using (area_id)
        where indicator_code = 'gdp' and period = '2021' and headline_rank = 1
            and area_level in ('city', 'county', 'zone')
        """
    )
    assert (areas, total, city) == (16, 6994.8, 7010.6)
    assert (city - total) / city < 0.005


def test_the_zone_inside_a_county_has_no_figure_of_its_own(real_home):
    assert real_home.rows(
        "select area_text, area_scope_note from fct_indicator_value where area_id = 'hanting' and period = '2021'"
    ) == [("寒亭区(含经济开发区)", "含经济开发区")]
    assert real_home.rows("select count(*) from fct_indicator_value where area_id = 'jingji'") == [(0,)]


@pytest.mark.parametrize(
    ("case", "area", "indicator", "period", "headline", "kept"),
    [
        ("C01", "china", "gop", "2020", 79550.0, [79550.0, 80010.0]),  # a revision, printed a year later
        (
            "C02",
            "shandong",
            "gop",
            "2021",
            14942.1,
            [14900.0, 14942.1],
        ),  # never 15151.4, made from a growth rate
        ("C03", "shandong", "gop", "2020", 13187.0, [13187.0]),
        (
            "C04",
            "shandong",
            "gop",
            "2019",
            14600.0,
            [14600.0],
        ),  # the older scope: a share of 20.5, then 18.03
        ("C04", "shandong", "gop_share_gdp", "2019", 20.5, [20.5]),
        ("C04", "shandong", "gop_share_gdp", "2020", 18.03, [18.03]),
        ("C05", "shandong", "gop_growth", "2020", -1.9, [-1.9]),  # the year fell, its first quarters rose
        ("C05", "shandong", "gop_growth", "2020Q1-Q3", 3.5, [3.5]),
        ("C09", "weifang", "gdp_growth", "2025", 5.5, [5.5]),  # above the nominal rate, as prices fell
        ("C11", "weifang", "gop_share_gdp", "2023", 21.0, [21.0]),  # 超过21% is no figure
        ("C13", "china", "ocean_tertiary_va", "2021", 55634.0, [55634.0, 55635.0]),
        ("C16", "shandong", "gdp", "2023", 92068.7, [92068.7]),
        ("C16", "shandong", "gdp", "2024", 98600.0, [98600.0]),
        ("C16", "shandong", "gdp_growth", "2024", 5.7, [5.7]),
        ("C17", "weifang", "gdp", "2020", 5872.17, [5872.17]),  # not revised by what follows from 2021's rate
        ("C17", "weifang", "gdp_growth", "2021", 9.7, [9.7]),
        ("C18", "kuiwen", "gdp", "2020", 303.3, [303.3]),
        ("C18", "kuiwen", "gdp_growth", "2021", 10.4, [10.4]),
        ("C19", "gaomi", "gdp", "2021", 614.6, [614.6]),
        ("C21", "kuiwen", "gdp", "2021", 361.7, [361.66, 361.7]),
        ("C21", "qingzhou", "gdp", "2021", 676.8, [676.79, 676.8]),
        ("C22", "shouguang", "gdp", "2016", 856.8, [856.8, 857.0]),
        ("C26", "weifang", "above_scale_industrial_enterprises", "2025-05", 4723.0, [4723.0]),
        ("C26", "weifang", "above_scale_industrial_enterprises", "2025-07", 4730.0, [4730.0]),
        ("C27", "weifang", "quality_enterprises", "2025-05", 1229.0, [1229.0]),
        ("C27", "weifang", "quality_enterprises_provincial_plus", "2025-07", 1459.0, [1459.0]),
        ("C28", "weifang", "marine_characteristic_parks", "2022", 26.0, [26.0]),
        ("C28", "weifang", "marine_parks", "2024-06", 27.0, [27.0]),
        ("C31", "weifang", "marine_high_tech_enterprises", "2024-06", 155.0, [155.0]),
    ],
)
def test_conflicting_prints_are_all_kept_and_one_speaks(
    real_home, case, area, indicator, period, headline, kept
):
    rows = real_home.rows(
        f"""
        select value, headline_rank from fct_indicator_value
        where area_id = '{area}' and indicator_code = '{indicator}' and period = '{period}'
        """
    )
    assert [value for value, rank in rows if rank == 1] == [headline], case
    assert sorted({value for value, _ in rows}) == kept, case


@pytest.mark.parametrize(
    ("case", "area", "year", "printed", "from_levels"),
    [
        ("C06", "shandong", 2023, 6.2, 4.39),
        ("C07", "shandong", 2024, 6.1, 5.84),
        ("C08", "weifang", 2024, 6.8, 6.68),
    ],
)
def test_growth_is_the_printed_rate_and_never_made_from_levels(
    real_home, case, area, year, printed, from_levels
):
    [(growth, made)] = real_home.rows(
        f"""
        select now.gop_growth_pct, round(100 * (now.gop_100m_cny / before.gop_100m_cny - 1), 2)
        from marine_gdp_share as now join marine_gdp_share as before
            on before.area_id = now.area_id and before.year = now.year - 1
        where now.area_id = '{area}' and now.year = {year}
        """
    )
    assert (growth, made) == (printed, from_levels), case


def test_shares_of_other_denominators_are_other_indicators(real_home):  # C15
    assert real_home.rows(
        """
        select indicator_code, min(value), max(value) from fct_indicator_value
        where area_id = 'china' and indicator_code in ('gop_share_gdp', 'gop_share_coastal_gdp')
        group by 1 order by 1
        """
    ) == [("gop_share_coastal_gdp", 14.9, 15.0), ("gop_share_gdp", 7.8, 9.5)]


@pytest.mark.parametrize(
    ("case", "area", "indicator", "period", "reason"),
    [
        ("C12", "weifang", "gop", "2027", "target"),
        ("C19", "gaomi", "gdp", "2020", "undated"),
        ("C23", "weifang", "gdp", "2022", "unit_misprint"),
        ("C24", "shandong", "gop", "2022H1", "suspect"),
        ("C25", "fangzi", "gdp", "2025", "suspect"),
        ("C26", "weifang", "above_scale_industrial_enterprises", "2023-03", "undated"),
        ("C29", "weifang", "marine_characteristic_parks_revenue", "2022", "suspect"),
        ("C31", "weifang", "marine_high_tech_enterprises", "2025", "undated"),
    ],
)
def test_targets_and_suspects_are_kept_in_raw_and_reach_no_fact(
    real_home, case, area, indicator, period, reason
):
    same = f"area_id = '{area}' and indicator_code = '{indicator}'"
    assert real_home.rows(
        f"""
        select withheld_reason from read_parquet('{real_home.root}/raw/indicator_figures/*.parquet')
        where {same} and period_id = '{period}'
        """
    ) == [(reason,)], case
    assert real_home.rows(f"select value from fct_indicator_value where {same} and period = '{period}'") == []


def test_parts_add_up_to_the_printed_total_but_for_rounding(real_home):  # C14
    sums = real_home.rows(
        """
        select area_id, period, any_value(value) filter (where indicator_code = 'gop') as total,
            round(sum(value) filter (where indicator_code <> 'gop'), 1) as parts
        from fct_indicator_value
        where headline_rank = 1 and period in ('2018', '2021', '2022', '2023', '2024')
            and indicator_code in ('gop', 'ocean_primary_va', 'ocean_secondary_va', 'ocean_tertiary_va')
        group by area_id, period having count(*) = 4 order by area_id, period
        """
    )
    assert sums == [
        ("china", "2018", 83415.0, 83414.0),
        ("china", "2021", 90385.0, 90384.0),
        ("china", "2022", 94628.0, 94628.0),
        ("china", "2023", 99097.0, 99096.0),
        ("shandong", "2022", 16302.9, 16302.8),
        ("shandong", "2023", 17018.3, 17018.4),
        ("shandong", "2024", 18011.8, 18011.7),
    ]


def test_the_distance_to_the_level_and_to_the_share_are_both_told(real_home):  # C12
    assert real_home.rows(
        "select target_id, gap from plan_progress where target_id in ('TG01', 'TG02') and period = '2024' order by 1"
    ) == [("TG01", -296.58), ("TG02", -0.2347)]


def test_parks_are_never_counted_as_clusters(real_home):  # C28
    assert real_home.rows(
        "select stock_titles from cluster_counts where area_id = 'weifang' and tier = 'provincial' and year = 2025"
    ) == [(1,)]


def test_twenty_one_national_titles_in_the_city_are_held_by_nineteen_bodies(real_home):
    assert real_home.rows(
        """
        select entities, titles from green_titles
        where area_id = 'weifang' and tier = 'national' and category = 'all' and scope = 'all' and year = 2022
        """
    ) == [(19, 21)]


def test_what_should_be_known_and_is_not_is_listed_with_its_reason(real_home):
    assert real_home.rows(
        "select expected_by::text, last_known_period, reason from data_gaps "
        "where indicator = 'gop' and area_id = 'weifang' and period = '2025'"
    ) == [("2026-06-30", "2024", "全市海洋生产总值未公布")]
