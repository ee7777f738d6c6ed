-- Every title that a list or register prints for the city, proposals and revocations with their status.
select
    row_id as title_id,
    cluster_id,
    cluster_name,
    tier,
    batch,
    city_area_id,
    area_id,
    industry_text,
    status,
    recognised_on,
    recognised_precision,
    revoked_on,
    land_area_km2,
    leader_name,
    leader_uscc,
    published_on,
    origin_title,
    origin_url,
    source_id,
    source_locator,
    data_origin
from {{ ref('stg_cluster_titles') }}
