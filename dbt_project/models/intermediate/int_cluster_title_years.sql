-- One row per granted title, area that it counts for, and year that its register covers. A published list covers the years
-- from its first recognition to its latest publication; a register covers those up to the day it was handed in, and speaks alone for
-- the tiers that it holds.
with titles as (

    select *, city_area_id as counts_for_area_id from {{ ref('stg_cluster_titles') }}
    where status in ('granted', 'revoked') and recognised_on is not null
    union all
    select *, area_id as counts_for_area_id from {{ ref('stg_cluster_titles') }}
    where status in ('granted', 'revoked') and recognised_on is not null and area_id is not null

),

-- demo stands only where nothing else does, area by area and tier by tier
real_places as (

    select distinct tier, counts_for_area_id
    from titles
    where data_origin <> 'demo'

),

kept as (

    select titles.*
    from titles
    left join real_places
        on titles.tier = real_places.tier and titles.counts_for_area_id = real_places.counts_for_area_id
    where not titles.is_registered_elsewhere and (titles.data_origin <> 'demo' or real_places.tier is null)

),

covered as (

    select
        tier,
        data_origin,
        min(extract(year from recognised_on)) as first_year,
        max(extract(year from case when data_origin = 'published' then published_on else snapshot_on end)) as last_year
    from titles
    group by tier, data_origin

),

spine as (

    {{ years(2015, horizon()) }}

),

-- a municipal title beside a provincial one of the same cluster, as long as that one is held
held_above as (

    select distinct kept.cluster_id, spine.year
    from kept
    inner join spine
        on kept.recognised_on <= {{ year_end('spine.year') }}
        and (kept.revoked_on is null or kept.revoked_on > {{ year_end('spine.year') }})
    where kept.tier = 'provincial'

)

select
    kept.counts_for_area_id as area_id,
    kept.tier,
    spine.year,
    kept.row_id,
    kept.cluster_id,
    kept.recognised_on <= {{ year_end('spine.year') }}
        and (kept.revoked_on is null or kept.revoked_on > {{ year_end('spine.year') }}) as is_held,
    kept.tier = 'municipal' and held_above.cluster_id is not null as is_held_at_higher_tier,
    extract(year from kept.recognised_on) = spine.year as is_recognised,
    coalesce(extract(year from kept.revoked_on) = spine.year, false) as is_revoked,
    kept.data_origin
from kept
inner join covered
    on kept.tier = covered.tier and kept.data_origin = covered.data_origin
inner join spine
    on spine.year between covered.first_year and covered.last_year
left join held_above
    on kept.cluster_id = held_above.cluster_id and spine.year = held_above.year
