-- Every assessment of every firm; which one counts on a day is decided in int_digital_status.
select
    row_id as assessment_id,
    uscc,
    assessed_on,
    level,
    score,
    scheme_text,
    source_id,
    source_locator,
    data_origin
from {{ ref('stg_digital_assessments') }}
