-- One row per credit code and day of which a register speaks: of rows that print the same code, that of a delta, then the one that
-- names a county, then the first printed. A demo register stands only where there is no other.
with register as (

    select
        uscc,
        coalesce(register_on, snapshot_on) as register_on,
        coalesce(extent, 'full') as register_extent,
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
        successor as successor_uscc,
        row_id,
        source_id,
        data_origin
    from {{ source('raw', 'enterprises') }}
    where uscc is not null

),

real_registers as (

    select count(*) as entries from {{ source('raw', 'enterprises') }} where data_origin <> 'demo'

),

ranked as (

    select
        register.*,
        row_number() over (
            partition by register.uscc, register.register_on
            order by
                case when register.register_extent = 'delta' then 0 else 1 end,
                case when register.area_id is null then 1 else 0 end,
                register.source_id,
                register.row_id
        ) as row_of_code
    from register
    cross join real_registers
    where register.data_origin <> 'demo' or real_registers.entries = 0

)

select
    uscc,
    register_on,
    register_extent,
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
    successor_uscc,
    row_id,
    source_id,
    data_origin
from ranked
where row_of_code = 1
