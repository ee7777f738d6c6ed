-- Decisions that stand: of a listed name the last acceptance, unless it was taken back later, and the rejections not taken back.
with decisions as (

    select
        list_id,
        coalesce(uscc, 'none') as choice,
        uscc,
        verdict,
        decided_by,
        decided_at,
        reason,
        listed_as,
        enterprise_as,
        row_number() over (
            partition by list_id, coalesce(uscc, 'none') order by decided_at desc, verdict desc, decided_by
        ) as recency_of_choice,
        max(case when verdict = 'accept' then decided_at end) over (partition by list_id) as accepted_at,
        max(case when verdict = 'reject' and uscc is null then decided_at end) over (partition by list_id) as emptied_at
    from {{ source('raw', 'link_decisions') }}

),

standing as (

    select *
    from decisions
    where recency_of_choice = 1
        and (
            (verdict = 'accept' and uscc is not null and decided_at = accepted_at
                and (emptied_at is null or emptied_at < decided_at))
            or (verdict = 'reject' and uscc is not null)
            or (verdict = 'reject' and uscc is null and (accepted_at is null or accepted_at <= decided_at))
        )

),

-- two acceptances of one moment name two enterprises: the smaller code, so that no night differs
ranked as (

    select
        *,
        row_number() over (partition by list_id, verdict order by choice) as nth
    from standing

),

known as (

    select
        ranked.*,
        {{ enterprise_text('enterprises.name_text', 'enterprises.former_name_text', 'enterprises.status', 'enterprises.area_id') }}
            as enterprise_as_now,
        enterprises.uscc as uscc_now,
        listed.list_id is not null as is_listed,
        listed.data_origin as listed_origin
    from ranked
    left join {{ ref('int_enterprises') }} as enterprises
        on ranked.uscc = enterprises.uscc
    left join {{ ref('int_listed_names') }} as listed
        on ranked.list_id = listed.list_id
    where ranked.verdict = 'reject' or ranked.nth = 1

)

select
    list_id,
    choice,
    uscc,
    verdict,
    decided_by,
    decided_at,
    reason,
    listed_as,
    enterprise_as,
    coalesce(uscc is not null and enterprise_as is not null and (uscc_now is null or enterprise_as <> enterprise_as_now), false)
        as is_questioned,
    case
        when uscc is null or enterprise_as is null then null
        when uscc_now is null then '登记数据中已无该代码'
        when enterprise_as <> enterprise_as_now
            then '登记内容由“' || enterprise_as || '”变为“' || enterprise_as_now || '”'
    end as questioned_because,
    is_listed,
    coalesce(listed_origin, 'submitted') as data_origin
from known
