-- The days on which coverage is taken: every year's end that the frame covers, the days of published figures, and the day the frame
-- was handed in.
with frame as (

    select
        min(extract(year from entered_on)) as first_year,
        max(snapshot_on) as last_on
    from {{ ref('stg_above_scale_frame') }}

),

published as (

    select distinct area_id, period_end as as_of
    from {{ ref('int_headline_figures') }}
    where indicator_code = 'digital_coverage' and headline_rank = 1

)

select areas.area_id, {{ year_end('years.year') }} as as_of
from {{ ref('areas') }} as areas
cross join frame
inner join ({{ years(2023, horizon()) }}) as years
    on {{ year_end('years.year') }} <= frame.last_on and years.year >= frame.first_year
where areas.area_level in ('city', 'county', 'zone')
union
select areas.area_id, frame.last_on as as_of
from {{ ref('areas') }} as areas
cross join frame
where areas.area_level in ('city', 'county', 'zone') and frame.last_on is not null
union
select area_id, as_of from published
