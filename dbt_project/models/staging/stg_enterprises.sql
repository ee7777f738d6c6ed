-- One row per credit code: of rows that print the same code, the one that names a county, then the first printed.
with register as (

    select
        *,
        row_number() over (
            partition by uscc
            order by case when area_id is null then 1 else 0 end, source_id, row_id
        ) as row_of_code
    from {{ source('raw', 'enterprises') }}
    where uscc is not null

)

select
    uscc,
    name_text,
    name_normalised,
    former_name_text,
    former_name_normalised,
    enterprise_type,
    status,
    established_on,
    cancelled_on,
    area_id,
    industry_code,
    is_two_high,
    snapshot_on,
    row_id,
    source_id,
    source_sha256,
    source_locator,
    data_origin
from register
where row_of_code = 1
