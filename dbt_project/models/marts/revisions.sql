-- How figures changed as more became known: one row per figure and day on which something was published about it, for figures about
-- which more than one day speaks. `fct_indicator_value` with known_on <= a day gives what was known on that day.
with spoken as (

    select
        indicator_code as indicator,
        area_id,
        period_id as period,
        as_known_on as published_on,
        value,
        unit,
        vintage,
        price_basis,
        figure_id,
        data_origin,
        first_value(value) over known as first_value,
        lag(value) over known as value_before,
        lag(figure_id) over known as figure_before,
        count(*) over (partition by indicator_code, area_id, period_id) as n_days
    from {{ ref('int_figure_knowledge') }}
    window known as (partition by indicator_code, area_id, period_id order by as_known_on)

),

latest as (

    select indicator_code, area_id, period_id, value as latest_value, figure_id as latest_figure_id
    from {{ ref('int_headline_figures') }}
    where headline_rank = 1 and data_origin <> 'demo'

)

select
    spoken.indicator,
    spoken.area_id,
    spoken.period,
    spoken.published_on,
    spoken.value,
    spoken.first_value,
    latest.latest_value,
    round(spoken.value - spoken.value_before, 6) as revision,
    case
        when spoken.value_before is null then 'first'
        when spoken.value = spoken.value_before then 'confirmed'
        else 'revised'
    end as kind,
    spoken.unit,
    spoken.vintage,
    spoken.price_basis,
    concat_ws(';', spoken.figure_id, case when spoken.figure_before <> spoken.figure_id then spoken.figure_before end)
        as source_row_ids,
    spoken.data_origin
from spoken
inner join latest
    on spoken.indicator = latest.indicator_code and spoken.area_id = latest.area_id and spoken.period = latest.period_id
where spoken.n_days > 1
