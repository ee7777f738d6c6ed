-- Provincial lists name clusters of every city; the plan's own city is the one kept.
with titles as (

    select * from {{ source('raw', 'cluster_titles') }}

),

city as (

    select area_id, name_zh from {{ ref('areas') }} where area_level = 'city'

),

-- what the city's own register holds, a published list of that tier would count once more; beside the register it does not speak
registered as (

    select distinct tier from titles where data_origin = 'submitted'

),

-- a list of the whole province prints counties of every city, which are read as text; those of the city are known by name
counties as (

    select
        aliases.alias,
        min(aliases.area_id) as area_id
    from {{ ref('area_aliases') }} as aliases
    inner join {{ ref('areas') }} as areas
        on aliases.area_id = areas.area_id
    where areas.area_level in ('county', 'zone') and aliases.valid_to is null
    group by aliases.alias
    having count(distinct aliases.area_id) = 1

)

select
    titles.row_id,
    coalesce(titles.cluster_code, titles.row_id) as cluster_id,
    titles.cluster_name,
    titles.tier,
    titles.batch,
    city.area_id as city_area_id,
    coalesce(titles.area_id, counties.area_id) as area_id,
    titles.industry_text,
    titles.status,
    titles.recognised_on,
    titles.recognised_precision,
    titles.revoked_on,
    titles.land_area_km2,
    titles.carrier_text,
    titles.management_body,
    titles.leader_name_text as leader_name,
    titles.leader_name_normalised,
    titles.leader_name_plain,
    titles.leader_name_aside,
    titles.leader_name_parent,
    titles.leader_name_core,
    titles.leader_name_form,
    titles.leader_name_places,
    titles.leader_uscc,
    titles.has_alliance,
    titles.origin_title,
    titles.origin_url,
    titles.published_on,
    titles.snapshot_on,
    titles.source_id,
    titles.source_sha256,
    titles.source_locator,
    titles.data_origin = 'published' and registered.tier is not null as is_registered_elsewhere,
    titles.data_origin
from titles
inner join city
    on titles.city_text in (city.name_zh, city.name_zh || '市', replace(city.name_zh, '市', ''))
left join counties
    on titles.county_text = counties.alias
left join registered
    on titles.tier = registered.tier
