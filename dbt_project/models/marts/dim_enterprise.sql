-- The register as last handed in. One row per credit code; the history of names and places is not kept here yet.
with frame as (

    select uscc, min(entered_on) as entered_on
    from {{ ref('stg_above_scale_frame') }}
    where exited_on is null
    group by uscc

)

select
    register.uscc,
    register.name_text as name,
    register.former_name_text as former_name,
    register.enterprise_type,
    register.status,
    register.established_on as valid_from,
    register.cancelled_on as valid_to,
    register.area_id,
    register.industry_code,
    register.is_two_high,
    frame.uscc is not null as is_above_scale,
    register.row_id,
    register.source_id,
    register.data_origin
from {{ ref('stg_enterprises') }} as register
left join frame
    on register.uscc = frame.uscc
