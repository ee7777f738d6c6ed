-- Once a frame was handed in, the demo one is out.
with real_frames as (

    select count(*) as entries
    from {{ source('raw', 'above_scale_frame') }}
    where uscc is not null and data_origin <> 'demo'

)

select
    uscc,
    name_text,
    area_id,
    industry_code,
    entered_on,
    exited_on,
    snapshot_on,
    row_id,
    source_id,
    source_sha256,
    source_locator,
    data_origin
from {{ source('raw', 'above_scale_frame') }}
cross join real_frames
where uscc is not null and (data_origin <> 'demo' or real_frames.entries = 0)
