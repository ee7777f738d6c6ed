-- The share is computed from levels at current prices; the published share stands beside it, never in its place. Growth rates
-- are the printed ones: a rate is never derived from two levels of different vintage.
with known as (

    select * from {{ ref('int_area_years') }}

),

gapped as (

    select
        *,
        coalesce(ocean_industry_growth, case when gop_growth_basis <> 'current' then gop_growth end) as ocean_growth_used
    from known

)

select
    area_id,
    year,
    gop as gop_100m_cny,
    gdp as gdp_100m_cny,
    round(100 * gop / nullif(gdp, 0), 4) as share_pct,
    gop_growth as gop_growth_pct,
    gdp_growth as gdp_growth_pct,
    ocean_industry_growth as ocean_industry_growth_pct,
    round(ocean_growth_used - gdp_growth, 4) as growth_gap_pp,
    case
        when ocean_growth_used is null or gdp_growth is null then null
        else ocean_industry_growth is null
    end as growth_gap_is_proxy,
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
    end as reason,
    {{ origin_of_two('gop_origin', 'gdp_origin') }} as data_origin,
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
