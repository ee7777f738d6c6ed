-- One row per source and day of which one of its registers speaks, with the next day after it of which a full one does.
with days as (

    select
        source_id,
        register_on,
        max(case when register_extent = 'full' then 1 else 0 end) as is_full
    from {{ ref('stg_enterprises') }}
    group by source_id, register_on

)

select
    source_id,
    register_on,
    min(case when is_full = 1 then register_on end) over (
        partition by source_id order by register_on
        rows between 1 following and unbounded following
    ) as next_full_on
from days
