-- Every area and tier has a row for every year since the base year; what no list and no register tells is null, with the reason.
with titles as (

    select * from {{ ref('int_cluster_title_years') }}

),

counted as (

    select
        area_id,
        tier,
        year,
        sum(case when is_held then 1 else 0 end) as stock_titles,
        sum(case when is_held and not is_held_at_higher_tier then 1 else 0 end) as stock_exclusive,
        sum(case when is_recognised then 1 else 0 end) as recognised_in_year,
        sum(case when is_revoked then 1 else 0 end) as revoked_in_year,
        {{ origin_of('data_origin') }} as data_origin,
        {{ string_list('case when is_held or is_recognised or is_revoked then row_id end', 'row_id') }} as source_row_ids
    from titles
    group by area_id, tier, year

),

-- A register of the whole city also tells which areas have none. A published list does so only for the areas it names.
registers as (

    select
        tier,
        year,
        {{ origin_of('data_origin') }} as data_origin
    from titles
    where data_origin <> 'published'
    group by tier, year

),

published_places as (

    select distinct area_id, tier
    from titles
    where data_origin = 'published'

),

spine as (

    select
        areas.area_id,
        areas.area_level,
        tiers.tier,
        years.year
    from {{ ref('areas') }} as areas
    cross join (select 'provincial' as tier union all select 'municipal' as tier) as tiers
    inner join ({{ years(2015, horizon()) }}) as years
        on years.year >= cast({{ parameter('stock_base_year') }} as integer)
        and years.year <= extract(year from {{ as_of_date() }})
    where areas.area_level in ('city', 'county', 'zone')

),

joined as (

    select
        spine.*,
        counted.area_id is not null as is_counted,
        registers.tier is not null as is_registered,
        counted.stock_titles,
        counted.stock_exclusive,
        counted.recognised_in_year,
        counted.revoked_in_year,
        coalesce(counted.data_origin, registers.data_origin, 'published') as data_origin,
        counted.source_row_ids
    from spine
    left join published_places
        on spine.area_id = published_places.area_id and spine.tier = published_places.tier
    left join counted
        on spine.area_id = counted.area_id and spine.tier = counted.tier and spine.year = counted.year
    left join registers
        on spine.tier = registers.tier and spine.year = registers.year and published_places.area_id is null

)

select
    area_id,
    tier,
    cast(year as integer) as year,
{%- for count in ['stock_titles', 'stock_exclusive', 'recognised_in_year', 'revoked_in_year'] %}
    cast(case when is_registered then coalesce({{ count }}, 0) else {{ count }} end as integer) as {{ count }},
{%- endfor %}
    case
        when is_counted or is_registered then null
        when area_level = 'city' then '该年度名单未公布或未提供'
        else '公布的名单未写明县市区,且无登记名册'
    end as reason,
    data_origin,
    source_row_ids
from joined
