-- Areas side by side: counties with counties, zones with zones, on figures of one period and one basis. Equal values share a rank and the
-- next rank skips (1, 2, 2, 4); what is not known, is a bound, or is demo beside real, has none and says why.
with areas as (

    select area_id, area_level from {{ ref('areas') }} where area_level in ('county', 'zone')

),

known as (

    select figures.*, areas.area_level
    from {{ ref('int_area_values') }} as figures
    inner join areas on figures.area_id = areas.area_id

),

tables as (

    select
        area_level,
        indicator_code,
        basis,
        period,
        min(period_end) as period_end,
        min(unit) as unit,
        -- demo is not ranked beside what is real
        count(case when data_origin <> 'demo' then 1 end) > 0 as is_real
    from known
    group by area_level, indicator_code, basis, period
    -- one figure alone is no comparison
    having count(*) > 1

),

lines as (

    select
        areas.area_id,
        tables.*,
        known.value,
        known.source_row_ids,
        known.area_scope_note,
        known.data_origin,
        case
            when known.value is null then '未公布或未报送'
            when not known.is_exact then '约数或下限,不参加排名'
            when tables.is_real and known.data_origin = 'demo' then '演示数据不与真实数据同排'
        end as reason
    from tables
    inner join areas on tables.area_level = areas.area_level
    left join known
        on areas.area_id = known.area_id and tables.indicator_code = known.indicator_code
        and tables.basis = known.basis and tables.period = known.period

),

ranked as (

    select
        *,
        rank() over (
            partition by area_level, indicator_code, basis, period, case when reason is null then 1 else 0 end
            order by value desc
        ) as place,
        count(case when reason is null then 1 end) over (
            partition by area_level, indicator_code, basis, period
        ) as n_ranked,
        count(*) over (partition by area_level, indicator_code, basis, period) as n_areas,
        {{ year_of_period('period') }} as period_year
    from lines

),

fields as (

    select
        area_level,
        indicator_code,
        basis,
        period,
        {{ string_list('case when reason is null then area_id end', 'area_id') }} as who_is_ranked
    from lines
    group by area_level, indicator_code, basis, period

),

-- the same period a year before, where the same areas were ranked: a place among others is no change
before as (

    select
        ranked.area_id,
        ranked.indicator_code,
        ranked.basis,
        ranked.period,
        earlier.place as place_before
    from ranked
    inner join ranked as earlier
        on ranked.area_id = earlier.area_id and ranked.indicator_code = earlier.indicator_code
        and ranked.basis = earlier.basis and earlier.reason is null
        and length(ranked.period) = length(earlier.period)
        and earlier.period_year = ranked.period_year - 1
        and substr(ranked.period, 5) = substr(earlier.period, 5)
    inner join fields as field_now
        on ranked.area_level = field_now.area_level and ranked.indicator_code = field_now.indicator_code
        and ranked.basis = field_now.basis and ranked.period = field_now.period
    inner join fields as field_before
        on earlier.area_level = field_before.area_level and earlier.indicator_code = field_before.indicator_code
        and earlier.basis = field_before.basis and earlier.period = field_before.period
        and field_now.who_is_ranked = field_before.who_is_ranked

)

select
    ranked.area_id,
    ranked.indicator_code as indicator,
    ranked.period,
    ranked.basis,
    ranked.area_level as compared_among,
    cast(ranked.value as double) as value,
    ranked.unit,
    cast(case when ranked.reason is null then ranked.place end as integer) as rank,
    cast(ranked.n_ranked as integer) as n_ranked,
    cast(ranked.n_areas as integer) as n_areas,
    cast(case when ranked.reason is null then before.place_before - ranked.place end as integer) as rank_change,
    coalesce(ranked.reason, ranked.area_scope_note) as reason,
    ranked.source_row_ids,
    coalesce(ranked.data_origin, case when ranked.is_real then 'published' else 'demo' end) as data_origin
from ranked
left join before
    on ranked.area_id = before.area_id and ranked.indicator_code = before.indicator_code
    and ranked.basis = before.basis and ranked.period = before.period
