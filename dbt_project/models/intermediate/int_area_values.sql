-- What can be compared between counties, or between zones: one row per area, indicator, period and basis for which a figure is known.
with figures as (

    select
        area_id,
        indicator_code,
        period_id as period,
        period_end,
        coalesce(price_basis, '') as basis,
        value,
        unit,
        is_exact,
        area_scope_note,
        figure_id as source_row_ids,
        data_origin
    from {{ ref('int_headline_figures') }}
    where headline_rank = 1 and period_kind in ('year', 'month')

),

clusters as (

    select
        area_id,
        'cluster_count' as indicator_code,
        cast(year as {{ dbt.type_string() }}) as period,
        {{ year_end('year') }} as period_end,
        tier as basis,
        stock_titles as value,
        'count' as unit,
        true as is_exact,
        cast(null as {{ dbt.type_string() }}) as area_scope_note,
        source_row_ids,
        data_origin
    from {{ ref('cluster_counts') }}
    where stock_titles is not null

),

coverage as (

    select
        area_id,
        'digital_coverage' as indicator_code,
        cast(as_of as {{ dbt.type_string() }}) as period,
        as_of as period_end,
        scope as basis,
        coverage_pct as value,
        'pct' as unit,
        true as is_exact,
        cast(null as {{ dbt.type_string() }}) as area_scope_note,
        source_row_ids,
        data_origin
    from {{ ref('digital_coverage') }}
    where coverage_pct is not null and published_coverage_pct is null and scope = 'all'

),

green as (

    select
        area_id,
        'green_unit_count' as indicator_code,
        cast(year as {{ dbt.type_string() }}) as period,
        {{ year_end('year') }} as period_end,
        tier as basis,
        entities as value,
        'count' as unit,
        true as is_exact,
        cast(null as {{ dbt.type_string() }}) as area_scope_note,
        source_row_ids,
        data_origin
    from {{ ref('green_titles') }}
    where scope = 'all' and category = 'all'

)

select * from figures
union all
select * from clusters
union all
select * from coverage
union all
select * from green
