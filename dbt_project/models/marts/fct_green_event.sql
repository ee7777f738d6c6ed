-- Every granted event of the green lists: all of the nation for the national tier, the city's for the others.
select
    event_id,
    tier,
    category,
    batch,
    action,
    effective_on,
    published_on,
    name_text,
    new_name_text,
    uscc,
    province_area_id,
    city_area_id,
    county_area_id,
    evidence_grade,
    evidence_text,
    origin_title,
    origin_url,
    source_id,
    source_locator,
    data_origin
from {{ ref('int_green_events') }}
