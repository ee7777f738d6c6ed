-- A printed figure may carry a level and a growth rate: two facts, two rows.
{%- set carried = [
    'row_id', 'area_id', 'area_scope_note', 'area_text', 'indicator_text', 'period_id', 'period_start', 'period_end',
    'period_kind', 'is_cumulative', 'vintage', 'vintage_text', 'source_tier', 'published_on', 'published_text',
    'published_precision', 'known_on', 'origin_title', 'origin_url', 'note', 'source_id', 'source_sha256', 'source_locator',
    'data_origin'
] %}

with printed as (

    select
        *,
        -- where only a year or a month is printed, published_on is its last day
        coalesce(published_on, snapshot_on) as known_on
    from {{ source('raw', 'indicator_figures') }}
    where is_actual

),

levels as (

    select
        row_id || ':level' as figure_id,
        indicator_code,
        value,
        unit,
        operator,
        -- a bound or a figure printed in rounder units never speaks for its period beside an exact one
        operator = 'eq' and coalesce(vintage_text, '') not like '%取整%'
            and coalesce(unit_text, '') not in ('万亿元', 'trillion CNY') as is_exact,
        -- a rate that is handed in as a figure of its own has the basis that stands beside it
        case when indicator_code like '%growth' then coalesce(growth_basis, 'unstated') else 'current' end as price_basis,
        value_text,
        unit_text,
        {{ carried | join(',\n        ') }}
    from printed
    where value is not null

),

growth_rates as (

    select
        row_id || ':growth' as figure_id,
        indicator_code || '_growth' as indicator_code,
        growth_pct as value,
        'pct' as unit,
        'eq' as operator,
        true as is_exact,
        coalesce(growth_basis, 'unstated') as price_basis,
        growth_text as value_text,
        '%' as unit_text,
        {{ carried | join(',\n        ') }}
    from printed
    where growth_pct is not null

)

select * from levels
union all
select * from growth_rates
