-- Annual headline figures of ocean product and GDP, one row per area and year for which either is known.
{%- set wanted = {
    'gop': 'gop', 'gdp': 'gdp', 'gop_growth': 'gop_growth', 'gdp_growth': 'gdp_growth',
    'ocean_industry_va_growth': 'ocean_industry_growth', 'gop_share_gdp': 'published_share'
} %}
with annual as (

    select *, extract(year from period_end) as year
    from {{ ref('int_headline_figures') }}
    where headline_rank = 1 and period_kind = 'year'
        and indicator_code in ({% for code in wanted %}'{{ code }}'{{ ', ' if not loop.last }}{% endfor %})

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
    count(*) as figures
from annual
group by area_id, year
