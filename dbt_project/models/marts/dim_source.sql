select
    source_id,
    title_zh,
    title_en,
    publisher_zh,
    dataset,
    cadence,
    licence,
    tier,
    owner_department,
    data_origin
from {{ source('raw', 'sources') }}
