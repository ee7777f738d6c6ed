-- What each listed name may mean, at most five enterprises: those that rules found, then those of similar names.
with scored as (

    select
        scores.list_id,
        scores.uscc,
        least(
            1.0,
            scores.similarity
            + case
                when listed.place_area_id is null or register.area_id is null then 0
                when listed.place_area_id = register.area_id then 0.05
                when listed.is_in_zone or register.is_in_zone then 0
                else -0.05
            end
            - case when {{ is_contrary('listed.name_places', 'register.name_places') }} then 0.12 else 0 end
            - case when (listed.name_form = 'branch') <> (register.name_form = 'branch') then 0.10 else 0 end
            + case when listed.name_form = register.name_form then 0.01 else 0 end
        ) as score
    from {{ ref('int_link_scores') }} as scores
    inner join {{ ref('int_listed_names') }} as listed
        on scores.list_id = listed.list_id
    inner join {{ ref('int_link_register') }} as register
        on scores.uscc = register.uscc
    where scores.similarity >= {{ review_score() }} - 0.06

),

found as (

    select listed.list_id, listed.uscc_printed as uscc, 'T0' as tier, 1.0 as score
    from {{ ref('int_listed_names') }} as listed
    inner join {{ ref('int_enterprises') }} as enterprises
        on listed.uscc_printed = enterprises.uscc
        and listed.demo_or_real = {{ demo_or_real('enterprises.data_origin') }}
    union all
    select exact.list_id, exact.uscc, exact.tier, 1.0
    from {{ ref('int_link_exact') }} as exact
    union all
    select core.list_id, core.uscc, 'T4', 1.0
    from {{ ref('int_link_core') }} as core
    where core.is_same_county and not core.is_contrary
    union all
    select scored.list_id, scored.uscc, 'T5', scored.score
    from scored
    where scored.score >= {{ review_score() }}

),

best as (

    select
        found.list_id,
        found.uscc,
        min(found.tier) as tier,
        max(found.score) as score
    from found
    group by found.list_id, found.uscc

),

-- a settled name shows what it was settled for, and no more
kept as (

    select best.*
    from best
    inner join {{ ref('int_listed_names') }} as listed
        on best.list_id = listed.list_id
    left join {{ ref('int_link_rules') }} as rules
        on best.list_id = rules.list_id
    where case
        when listed.uscc_printed is not null then best.tier in ('T0', 'T1')
        else rules.uscc is null or rules.uscc = best.uscc
    end

),

ranked as (

    select
        *,
        row_number() over (partition by list_id order by tier, score desc, uscc) as nth
    from kept

)

select
    ranked.list_id,
    ranked.uscc,
    cast(ranked.nth as integer) as nth,
    ranked.tier,
    cast(ranked.score as double) as score,
    ranked.tier = 'T3' as is_branch,
    coalesce(rejections.list_id is not null, false) as is_rejected
from ranked
left join {{ ref('int_link_decisions') }} as rejections
    on ranked.list_id = rejections.list_id
    and rejections.verdict = 'reject'
    and ranked.uscc = rejections.uscc
where ranked.nth <= 5
