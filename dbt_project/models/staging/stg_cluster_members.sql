select
    row_id,
    cluster_code as cluster_id,
    uscc,
    name_text,
    name_normalised,
    valid_from,
    valid_to,
    evidence_text,
    source_id,
    source_sha256,
    source_locator,
    data_origin
from {{ source('raw', 'cluster_members') }}
