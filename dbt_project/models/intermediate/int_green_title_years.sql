-- One row per title, area that it counts for, and year that its lists cover. Lists of a tier cover the years up to the last
-- one that was read; what came after is not known and has no row.
with covered as (

    select
        tier,
        data_origin,
        min(extract(year from effective_on)) as first_year,
        max(extract(year from effective_on)) as last_year
    from {{ ref('int_green_events') }}
    group by tier, data_origin

),

years as (

    select covered.tier, covered.data_origin, spine.year
    from covered
    inner join ({{ years(2015, horizon()) }}) as spine
        on spine.year between covered.first_year and covered.last_year

),

titles as (

    select titles.*, 'china' as area_id from {{ ref('int_green_titles') }} as titles where titles.tier = 'national'
    union all
    select titles.*, titles.province_area_id as area_id from {{ ref('int_green_titles') }} as titles
    where titles.province_area_id is not null and titles.tier in ('national')
    union all
    select titles.*, titles.city_area_id as area_id from {{ ref('int_green_titles') }} as titles
    where titles.city_area_id is not null
    union all
    select titles.*, titles.county_area_id as area_id from {{ ref('int_green_titles') }} as titles
    where titles.county_area_id is not null and titles.city_area_id is not null

),

in_cluster as (

    select distinct titles.event_id, years.year
    from {{ ref('int_green_titles') }} as titles
    inner join years
        on titles.tier = years.tier and titles.data_origin = years.data_origin
    inner join {{ ref('int_cluster_members') }} as members
        on titles.uscc = members.uscc
        and {{ demo_or_real('titles.data_origin') }} = {{ demo_or_real('members.data_origin') }}
        and members.counts_from <= {{ year_end('years.year') }}
        and (members.valid_to is null or members.valid_to > {{ year_end('years.year') }})

),

-- without a register of members nobody knows who lies in a cluster: that is unknown, and not nobody
memberships as (

    select
        {{ demo_or_real('data_origin') }} as world,
        {{ origin_of('data_origin') }} as data_origin
    from {{ ref('int_cluster_members') }}
    group by {{ demo_or_real('data_origin') }}

)

select
    titles.area_id,
    titles.tier,
    titles.category,
    years.year,
    titles.event_id,
    titles.entity_key,
    titles.uscc is not null and memberships.world is not null as is_linked,
    in_cluster.event_id is not null as is_in_cluster,
    titles.valid_from,
    titles.valid_to,
    titles.valid_from <= {{ year_end('years.year') }}
        and (titles.valid_to is null or titles.valid_to > {{ year_end('years.year') }}) as is_held,
    extract(year from titles.valid_from) = years.year as is_added,
    coalesce(extract(year from titles.valid_to) = years.year, false) as is_removed,
    titles.data_origin,
    -- who lies in a cluster, and who does not, rests on the register of members as well
    {{ origin_among('titles.data_origin', 'memberships.data_origin') }} as in_cluster_origin
from titles
inner join years
    on titles.tier = years.tier and titles.data_origin = years.data_origin
left join memberships
    on {{ demo_or_real('titles.data_origin') }} = memberships.world
left join in_cluster
    on titles.event_id = in_cluster.event_id and years.year = in_cluster.year
