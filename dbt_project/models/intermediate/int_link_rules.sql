-- Links by rule: at most one enterprise of a listed name. A tie, or a place that gainsays, is for a reviewer.
with counted as (

    select
        list_id,
        count(case when tier = 'T1' then 1 end) as of_t1,
        count(case when tier = 'T2' then 1 end) as of_t2,
        count(case when tier = 'T3' then 1 end) as of_t3
    from {{ ref('int_link_exact') }}
    group by list_id

),

cores as (

    select
        list_id,
        count(*) as of_core,
        count(case when is_same_county then 1 end) as of_t4
    from {{ ref('int_link_core') }}
    group by list_id

),

by_name as (

    select exact.list_id, exact.uscc, exact.tier
    from {{ ref('int_link_exact') }} as exact
    inner join counted
        on exact.list_id = counted.list_id
    left join cores
        on exact.list_id = cores.list_id
    inner join {{ ref('int_listed_names') }} as listed
        on exact.list_id = listed.list_id
    inner join {{ ref('int_link_register') }} as register
        on exact.uscc = register.uscc
    where (
        -- an equal name in another county may be another firm, or a plant of this one: a person looks
        (
            listed.county_area_id is null or register.area_id is null
            or listed.county_area_id = register.area_id or listed.is_in_zone or register.is_in_zone
        )
        and (
            (exact.tier = 'T1' and counted.of_t1 = 1)
            or (exact.tier = 'T2' and counted.of_t1 = 0 and counted.of_t2 = 1)
        )
    )
        -- a branch that is registered under much the same name is not its parent
        or (
            exact.tier = 'T3' and counted.of_t1 = 0 and counted.of_t2 = 0 and counted.of_t3 = 1
            and coalesce(cores.of_core, 0) = 0
        )

),

by_core as (

    select core.list_id, core.uscc, 'T4' as tier
    from {{ ref('int_link_core') }} as core
    inner join cores
        on core.list_id = cores.list_id
    left join counted
        on core.list_id = counted.list_id
    where core.is_same_county and not core.is_contrary and cores.of_t4 = 1 and counted.list_id is null

),

ruled as (

    select * from by_name
    union all
    select * from by_core

),

-- where a person said no to what the rule says, no rule speaks for the name any more
refused as (

    select distinct ruled.list_id
    from ruled
    inner join {{ ref('int_link_decisions') }} as decisions
        on ruled.list_id = decisions.list_id
        and decisions.verdict = 'reject'
        and (decisions.uscc is null or decisions.uscc = ruled.uscc)

)

select ruled.list_id, ruled.uscc, ruled.tier
from ruled
left join refused
    on ruled.list_id = refused.list_id
where refused.list_id is null
