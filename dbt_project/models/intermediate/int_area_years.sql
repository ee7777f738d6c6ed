-- Annual headline figures of ocean product and GDP, one row per area and year for which either is known. A share is of two levels of one
-- class of vintage, first accounts or final ones (A10): beside ocean product stands the best GDP of its class, where there is one.
{%- set wanted = {
    'gop': 'gop', 'gdp': 'gdp', 'gop_growth': 'gop_growth', 'gdp_growth': 'gdp_growth',
    'ocean_industry_va_growth': 'ocean_industry_growth', 'gop_share_gdp': 'published_share'
} %}
with prints as (

    select
        *,
        extract(year from period_end) as year,
        -- verified, revised after a census, of a yearbook
        coalesce(vintage_rank <= 3, false) as is_final,
        {{ demo_or_real('data_origin') }} as demo_or_real
    from {{ ref('int_headline_figures') }}
    where period_kind = 'year'
        and indicator_code in ({% for code in wanted %}'{{ code }}'{{ ', ' if not loop.last }}{% endfor %})

),

ranked as (

    select
        prints.*,
        prints.indicator_code = 'gdp' and gop.figure_id is not null as is_of_gop_class,
        row_number() over (
            partition by prints.area_id, prints.indicator_code, prints.year
            order by
                case when prints.indicator_code = 'gdp' and gop.figure_id is not null then 0 else 1 end,
                prints.headline_rank, prints.figure_id
        ) as nth
    from prints
    left join prints as gop
        on prints.area_id = gop.area_id
        and prints.year = gop.year
        and prints.is_final = gop.is_final
        and prints.demo_or_real = gop.demo_or_real
        and gop.indicator_code = 'gop'
        and gop.headline_rank = 1

),

annual as (

    select * from ranked where nth = 1

)

select
    area_id,
    cast(year as integer) as year,
{%- for code, name in wanted.items() %}
    max(case when indicator_code = '{{ code }}' then value end) as {{ name }},
    max(case when indicator_code = '{{ code }}' then vintage end) as {{ name }}_vintage,
    max(case when indicator_code = '{{ code }}' then published_on end) as {{ name }}_published_on,
    max(case when indicator_code = '{{ code }}' then data_origin end) as {{ name }}_origin,
    max(case when indicator_code = '{{ code }}' then price_basis end) as {{ name }}_basis,
    max(case when indicator_code = '{{ code }}' then figure_id end) as {{ name }}_figure_id,
{%- endfor %}
    max(case when indicator_code = 'gdp' and is_of_gop_class then 1 when indicator_code = 'gdp' then 0 end) = 1 as gdp_is_of_gop_class,
    count(*) as figures
from annual
group by area_id, year
