-- What coverage counts: every firm of the frame on every day that coverage is taken, with the row that puts it there and the
-- assessment that speaks for it.
select
    as_of,
    uscc,
    area_id,
    is_in_cluster,
    is_marine,
    level,
    frame_row_id,
    assessment_row_id,
    data_origin
from {{ ref('int_digital_status') }}
