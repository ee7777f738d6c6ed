-- The share is computed from levels at current prices; the published share stands beside it, never in its place. Growth rates
-- are the printed ones: a rate is never derived from two levels of different vintage, and one at current prices is in no gap.
with known as (

    select * from {{ ref('int_area_years') }}

),

usable as (

    select
        *,
        case when coalesce(gdp_growth_basis, 'unstated') <> 'current' then gdp_growth end as gdp_rate,
        case when coalesce(gop_growth_basis, 'unstated') <> 'current' then gop_growth end as gop_rate,
        case
            when coalesce(ocean_industry_growth_basis, 'unstated') <> 'current' then ocean_industry_growth
        end as industry_rate
    from known

),

gapped as (

    select
        *,
        coalesce(industry_rate, gop_rate) - gdp_rate as growth_gap,
        industry_rate is null as is_proxy,
        {%- for about in ['vintage', 'published_on', 'origin'] %}
        case when industry_rate is null then gop_growth_{{ about }} else ocean_industry_growth_{{ about }} end
            as ocean_rate_{{ about }}{{ ',' if not loop.last }}
        {%- endfor %}
    from usable

)

select
    area_id,
    year,
    gop as gop_100m_cny,
    gdp as gdp_100m_cny,
    case when coalesce(gdp_is_of_gop_class, true) then round(100 * gop / nullif(gdp, 0), 4) end as share_pct,
    case when gop is not null and gdp is not null then {{ origin_among('gop_origin', 'gdp_origin') }} end as share_origin,
    gop_growth as gop_growth_pct,
    gdp_growth as gdp_growth_pct,
    ocean_industry_growth as ocean_industry_growth_pct,
    round(growth_gap, 4) as growth_gap_pp,
    case when growth_gap is not null then is_proxy end as growth_gap_is_proxy,
    case when growth_gap is not null then ocean_rate_vintage end as growth_gap_vintage,
    case when growth_gap is not null then greatest(ocean_rate_published_on, gdp_growth_published_on) end
        as growth_gap_published_on,
    case when growth_gap is not null then {{ origin_among('ocean_rate_origin', 'gdp_growth_origin') }} end
        as growth_gap_origin,
    case when gop is not null or gdp is not null then 'current' end as price_basis,
    coalesce(gop_vintage, gdp_vintage, published_share_vintage) as vintage,
    gdp_vintage,
    gop_published_on,
    gdp_published_on,
    published_share as published_share_pct,
    case
        when gop is null and gdp is null then '海洋生产总值与地区生产总值均未公布'
        when gop is null then '海洋生产总值未公布'
        when gdp is null then '同年地区生产总值未公布或未转录,公布的占比仅作对照'
        when not gdp_is_of_gop_class then '与海洋生产总值同为初步数或同为核实数的地区生产总值未公布,不同版次不相除'
    end as reason,
    {{ origin_among(
        'gop_origin', 'gdp_origin', 'published_share_origin', 'gop_growth_origin', 'gdp_growth_origin',
        'ocean_industry_growth_origin'
    ) }} as data_origin,
    gop_figure_id,
    gdp_figure_id,
    gop_growth_figure_id,
    gdp_growth_figure_id,
    ocean_industry_growth_figure_id,
    published_share_figure_id,
    concat_ws(
        ';', gop_figure_id, gdp_figure_id, gop_growth_figure_id, gdp_growth_figure_id,
        ocean_industry_growth_figure_id, published_share_figure_id
    ) as source_row_ids
from gapped
