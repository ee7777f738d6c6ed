-- What spoke for a figure on each day on which something about it became known: one row per figure and such day. Demo knows nothing.
with prints as (

    select
        *,
        row_number() over (
            partition by area_id, indicator_code, period_id, known_on order by headline_rank
        ) as nth_of_day
    from {{ ref('int_headline_figures') }}
    where data_origin <> 'demo'

),

days as (

    select distinct area_id, indicator_code, period_id, known_on from prints

),

known as (

    select
        days.known_on as as_known_on,
        prints.*,
        row_number() over (
            partition by days.area_id, days.indicator_code, days.period_id, days.known_on order by prints.headline_rank
        ) as nth
    from days
    inner join prints
        on days.area_id = prints.area_id and days.indicator_code = prints.indicator_code
        and days.period_id = prints.period_id and prints.known_on <= days.known_on

)

select * from known where nth = 1
