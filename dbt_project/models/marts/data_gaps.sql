-- What should be known by now, by the day on which the catalogue expects it, and is not: one row per indicator, area and year that no real figure covers. Demo fills no gap.
with expected as (

    select
        expectations.indicator_code,
        areas.area_id,
        cast(years.year as integer) as year,
        {{ day_of_year('(years.year + 1)', "coalesce(sources.expected_by, expectations.due_month_day)") }} as expected_by,
        expectations.source_id,
        expectations.reason_zh
    from {{ ref('data_expectations') }} as expectations
    left join {{ source('raw', 'sources') }} as sources
        on expectations.source_id = sources.source_id
    inner join {{ ref('areas') }} as areas
        on expectations.area_level = case when areas.area_level = 'zone' then 'county' else areas.area_level end
    inner join ({{ years(2015, horizon()) }}) as years
        on years.year >= expectations.first_year

),

known as (

    select distinct
        indicator_code,
        area_id,
        cast(extract(year from period_end) as integer) as year
    from {{ ref('int_headline_figures') }}
    where data_origin <> 'demo' and period_kind in ('year', 'month', 'day')

),

-- the period that ends last; of a year and its last months, the year
known_periods as (

    select
        indicator_code,
        area_id,
        period_id,
        row_number() over (
            partition by indicator_code, area_id
            order by period_end desc, case when period_kind = 'year' then 0 else 1 end, period_id desc
        ) as nth
    from {{ ref('int_headline_figures') }}
    where data_origin <> 'demo'

)

select
    expected.indicator_code as indicator,
    expected.area_id,
    cast(expected.year as {{ dbt.type_string() }}) as period,
    expected.expected_by,
    expected.source_id as expected_from,
    expected.reason_zh as reason,
    known_periods.period_id as last_known_period,
    'published' as data_origin
from expected
left join known
    on expected.indicator_code = known.indicator_code
    and expected.area_id = known.area_id
    and expected.year = known.year
left join known_periods
    on expected.indicator_code = known_periods.indicator_code
    and expected.area_id = known_periods.area_id
    and known_periods.nth = 1
where known.indicator_code is null and expected.expected_by <= {{ as_of_date() }}
