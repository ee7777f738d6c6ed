-- One row per line of a register that bears a credit code, and the day of which the register speaks. A demo register stands only where
-- there is no other.
with real_registers as (

    select count(*) as entries from {{ source('raw', 'enterprises') }} where data_origin <> 'demo'

)

select
    register.uscc,
    coalesce(register.register_on, register.snapshot_on) as register_on,
    coalesce(register.extent, 'full') as register_extent,
    register.name_text,
    register.name_normalised,
    register.former_name_text,
    register.former_name_normalised,
    register.enterprise_type,
    register.status,
    register.established_on,
    register.cancelled_on,
    register.area_id,
    register.industry_code,
    register.is_two_high,
    register.successor as successor_uscc,
    register.row_id,
    register.source_id,
    register.data_origin
from {{ source('raw', 'enterprises') }} as register
cross join real_registers
where register.uscc is not null and (register.data_origin <> 'demo' or real_registers.entries = 0)
