-- One row per granted event on a list, with the place of the body it is about. A proposal (公示) is no event. Which enterprise the
-- body is: int_green_events.
with entries as (

    select * from {{ ref('stg_green_list_entries') }}
    where status = 'granted'

),

city as (

    select area_id from {{ ref('areas') }} where area_level = 'city'

),

province as (

    select area_id, list_regions_zh from {{ ref('areas') }} where area_level = 'province'

),

placed as (

    select
        entries.row_id as event_id,
        entries.tier,
        entries.category,
        entries.batch,
        entries.action,
        entries.effective_on,
        entries.published_on,
        entries.uscc,
        entries.name_text,
        entries.name_normalised,
        entries.name_plain,
        entries.name_aside,
        entries.name_parent,
        entries.name_core,
        entries.name_form,
        entries.name_places,
        entries.new_name_text,
        entries.new_name_plain,
        -- a national list may print a city beside the province that it lies in
        case
            when entries.tier <> 'national' or '|' || province.list_regions_zh || '|' like '%|' || entries.region_text || '|%'
            then province.area_id
        end as province_area_id,
        case when entries.tier = 'national' then attributions.city_area_id else city.area_id end as city_area_id,
        coalesce(entries.county_area_id, attributions.county_area_id) as county_area_id,
        attributions.evidence_grade,
        attributions.evidence_text,
        entries.origin_title,
        entries.origin_url,
        entries.source_id,
        entries.source_sha256,
        entries.source_locator,
        entries.data_origin
    from entries
    cross join city
    left join province
        on province.area_id is not null
    left join {{ ref('stg_green_attributions') }} as attributions
        on entries.tier = attributions.tier
        and entries.category = attributions.category
        and entries.batch = attributions.batch
        and entries.name_normalised = attributions.name_normalised

),

-- demo stands only where nothing else does: a real list of a tier ends the demo list of that tier
real_tiers as (

    select distinct tier from placed
    where data_origin <> 'demo' and city_area_id is not null

)

select
    placed.*,
    {{ list_id("'green'", 'name_normalised', 'name_aside', 'county_area_id', 'uscc', 'placed.data_origin') }} as list_id
from placed
left join real_tiers
    on placed.tier = real_tiers.tier
where placed.data_origin <> 'demo' or real_tiers.tier is null
