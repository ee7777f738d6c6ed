select
    uscc,
    name_text,
    assessed_on,
    cast(level as integer) as level,
    score,
    scheme_text,
    row_id,
    source_id,
    source_sha256,
    source_locator,
    data_origin
from {{ source('raw', 'digital_assessments') }}
where uscc is not null
