-- Every value that a target has ever had, one row per target and period, in one shape; which indicator speaks for which
-- target is said here and nowhere else. Demo values stand only for a target that has no other.
with city as (

    select area_id from {{ ref('areas') }} where area_level = 'city'

),

shares as (

    select shares.*
    from {{ ref('marine_gdp_share') }} as shares
    inner join city on shares.area_id = city.area_id

),

figures as (

    select figures.*
    from {{ ref('int_headline_figures') }} as figures
    inner join city on figures.area_id = city.area_id
    where figures.headline_rank = 1

),

clusters as (

    select
        counts.year,
        counts.tier,
        case when {{ parameter('A03_cluster_count') }} = 'exclusive' then counts.stock_exclusive else counts.stock_titles end
            as stock,
        counts.recognised_in_year,
        counts.data_origin,
        counts.source_row_ids
    from {{ ref('cluster_counts') }} as counts
    inner join city on counts.area_id = city.area_id
    where counts.stock_titles is not null

),

units as (

    select area_id
    from {{ ref('areas') }}
    where area_level in ('county', 'zone')
        and (({{ parameter('A02_unit_scope') }} = '14' and is_assigned_industries) or ({{ parameter('A02_unit_scope') }} = '17' and is_in_wide_scope))

),

unit_clusters as (

    select
        units.area_id,
        counts.year,
        max(counts.stock_titles) as stock,
        max(counts.source_row_ids) as source_row_ids,
        {{ origin_of('counts.data_origin') }} as data_origin
    from units
    inner join {{ ref('cluster_counts') }} as counts on units.area_id = counts.area_id
    where counts.stock_titles is not null
    group by units.area_id, counts.year

),

-- a coverage of units is known only where every unit is
unit_coverage as (

    select
        year,
        100.0 * sum(case when stock >= 1 then 1 else 0 end) / count(*) as value,
        {{ string_list('source_row_ids', 'area_id') }} as source_row_ids,
        {{ origin_of('data_origin') }} as data_origin
    from unit_clusters
    group by year
    having count(*) = (select count(*) from units)

),

green as (

    select
        titles.year,
        titles.tier,
        case when {{ parameter('A19_green_count') }} = 'titles' then titles.titles else titles.entities end as value,
        titles.source_row_ids,
        titles.data_origin
    from {{ ref('green_titles') }} as titles
    inner join city on titles.area_id = city.area_id
    where titles.scope = 'in_cluster' and titles.category = 'all'

),

valued as (

    select
        'TG01' as target_id, period_id, extract(year from period_end) as period_year, period_end, value, vintage,
        published_on, data_origin, false as is_proxy, figure_id as source_row_ids,
        cast(null as double) as published_value
    from figures
    where indicator_code = 'gop' and period_kind = 'year'
    union all
    select
        'TG02', cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, share_pct, vintage,
        greatest(gop_published_on, gdp_published_on), data_origin, false, concat_ws(';', gop_figure_id, gdp_figure_id),
        published_share_pct
    from shares
    where share_pct is not null
    union all
    select
        'TG03', cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, growth_gap_pp, vintage,
        gop_published_on, data_origin, growth_gap_is_proxy, source_row_ids, null
    from shares
    where growth_gap_pp is not null
    union all
    select
        targets.target_id, cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, stock, null,
        null, data_origin, false, source_row_ids, null
    from clusters
    inner join (
        select 'TG04' as target_id, 'provincial' as tier
        union all select 'TG05', 'municipal'
        union all select 'TG09', 'provincial'
        union all select 'TG10', 'municipal'
    ) as targets
        on clusters.tier = targets.tier
    union all
    select
        'TG06', period_id, extract(year from period_end), period_end, value, vintage,
        published_on, data_origin, false, figure_id, value
    from figures
    where indicator_code = 'digital_coverage'
    union all
    select
        'TG06', cast(as_of as {{ dbt.type_string() }}), extract(year from as_of), as_of, coverage_pct, null,
        null, coverage.data_origin, false, null, null
    from {{ ref('digital_coverage') }} as coverage
    inner join city on coverage.area_id = city.area_id
    where coverage.scope = 'all' and coverage.coverage_pct is not null and coverage.published_coverage_pct is null
    union all
    select
        case when tier = 'municipal' then 'TG08' else 'TG07' end, cast(year as {{ dbt.type_string() }}), year,
        {{ year_end('year') }}, value, null, null, data_origin, false, source_row_ids, null
    from green
    where tier in ('municipal', 'provincial')
    union all
    select
        'TG11', cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, value, null,
        null, data_origin, false, source_row_ids, null
    from unit_coverage
    union all
    select
        case when tier = 'municipal' then 'TG13' else 'TG14' end, cast(year as {{ dbt.type_string() }}), year,
        {{ year_end('year') }}, recognised_in_year, null, null, data_origin, false, source_row_ids, null
    from clusters
    where recognised_in_year is not null

),

real_targets as (

    select distinct target_id from valued where data_origin <> 'demo'

)

select
    valued.target_id,
    valued.period_id,
    cast(valued.period_year as integer) as period_year,
    valued.period_end,
    cast(valued.value as double) as value,
    valued.vintage,
    valued.published_on,
    valued.is_proxy,
    cast(valued.published_value as double) as published_value,
    valued.source_row_ids,
    valued.data_origin
from valued
left join real_targets
    on valued.target_id = real_targets.target_id
where valued.data_origin <> 'demo' or real_targets.target_id is null
