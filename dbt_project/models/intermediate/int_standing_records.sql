-- The standing fact of every item about every subject on the day of the night: the latest record that has begun, and whether it still
-- holds. Demo stands only where nothing was handed in.
with begun as (

    select *
    from {{ ref('stg_plan_records') }}
    where effective_on <= {{ as_of_date() }}
        and (
            data_origin <> 'demo'
            or not exists (select 1 from {{ ref('stg_plan_records') }} as others where others.data_origin <> 'demo')
        )

)

select
    *,
    row_number() over (
        partition by subject_code, item
        order by effective_on desc, snapshot_on desc, {{ row_number_of('source_locator') }} desc nulls last, row_id desc
    ) as nth,
    until_on is null or until_on >= {{ as_of_date() }} as is_in_force
from begun
