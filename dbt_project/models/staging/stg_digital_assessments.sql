-- Once assessments were handed in, or the frame of firms that they are about, the demo ones are out.
with real_entries as (

    select count(*) as entries
    from (
        select uscc, data_origin from {{ source('raw', 'digital_assessments') }}
        union all
        select uscc, data_origin from {{ source('raw', 'above_scale_frame') }}
    ) as handed_in
    where uscc is not null and data_origin <> 'demo'

)

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
cross join real_entries
where uscc is not null and (data_origin <> 'demo' or real_entries.entries = 0)
