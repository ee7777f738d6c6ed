select
    row_id,
    tier,
    category,
    batch,
    name_text,
    name_normalised,
    city_area_id,
    county_area_id,
    evidence_text,
    evidence_grade,
    source_id,
    source_sha256,
    source_locator,
    data_origin
from {{ source('raw', 'green_attributions') }}
