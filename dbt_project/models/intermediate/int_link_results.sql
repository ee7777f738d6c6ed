-- What became of each listed name: a person's decision, else the printed code, else a rule, else the queue.
with candidates as (

    select
        list_id,
        count(*) as candidates,
        min(tier) as tier,
        max(score) as score
    from {{ ref('int_link_candidates') }}
    where not is_rejected
    group by list_id

),

registers as (

    select distinct {{ demo_or_real('data_origin') }} as demo_or_real from {{ ref('int_enterprises') }}

),

-- a code whose enterprise never bore the name
named as (

    select distinct list_id, uscc from {{ ref('int_link_exact') }}

),

known_codes as (

    select
        listed.list_id,
        max(case when named.uscc is null then 1 else 0 end) = 1 as name_disagrees
    from {{ ref('int_listed_names') }} as listed
    inner join {{ ref('int_enterprises') }} as enterprises
        on listed.uscc_printed = enterprises.uscc
        and listed.demo_or_real = {{ demo_or_real('enterprises.data_origin') }}
    left join named
        on listed.list_id = named.list_id and listed.uscc_printed = named.uscc
    where listed.name_core is not null
    group by listed.list_id

),

joined as (

    select
        listed.*,
        accepted.uscc as accepted_uscc,
        accepted.decided_by,
        accepted.decided_at,
        accepted.is_questioned,
        accepted.questioned_because,
        emptied.decided_by as emptied_by,
        emptied.decided_at as emptied_at,
        rules.uscc as rule_uscc,
        rules.tier as rule_tier,
        candidates.candidates,
        candidates.tier as best_tier,
        candidates.score as best_score,
        registers.demo_or_real is not null as has_register,
        coalesce(known_codes.name_disagrees, false) as name_disagrees
    from {{ ref('int_listed_names') }} as listed
    left join {{ ref('int_link_decisions') }} as accepted
        on listed.list_id = accepted.list_id and accepted.verdict = 'accept'
    left join {{ ref('int_link_decisions') }} as emptied
        on listed.list_id = emptied.list_id and emptied.choice = 'none'
    left join {{ ref('int_link_rules') }} as rules
        on listed.list_id = rules.list_id
    left join candidates
        on listed.list_id = candidates.list_id
    left join registers
        on listed.demo_or_real = registers.demo_or_real
    left join known_codes
        on listed.list_id = known_codes.list_id

),

stated as (

    select
        *,
        case
            when accepted_uscc is not null then 'decided'
            when emptied_by is not null then 'rejected'
            when uscc_printed is not null then 'by_code'
            when not has_register then 'no_register'
            when rule_uscc is not null then 'accepted'
            when candidates > 0 then 'review'
            else 'unmatched'
        end as state
    from joined

)

select
    stated.list_id,
    stated.state,
    case
        when stated.state = 'decided' then stated.accepted_uscc
        when stated.state = 'by_code' then stated.uscc_printed
        when stated.state = 'accepted' then stated.rule_uscc
    end as uscc,
    case
        when stated.state = 'by_code' then 'T0'
        when stated.state = 'accepted' then stated.rule_tier
        when stated.state = 'decided' then decided.tier
        else stated.best_tier
    end as tier,
    coalesce(
        case
            when stated.state = 'accepted' then stated.rule_tier = 'T3'
            when stated.state = 'decided' then decided.is_branch
        end, false
    ) as is_branch,
    stated.state = 'by_code' and stated.name_disagrees as name_disagrees,
    stated.best_score as score,
    cast(coalesce(stated.candidates, 0) as integer) as candidates,
    coalesce(stated.decided_by, stated.emptied_by) as decided_by,
    coalesce(stated.decided_at, stated.emptied_at) as decided_at,
    coalesce(stated.is_questioned, false) as is_questioned,
    stated.questioned_because
from stated
left join {{ ref('int_link_candidates') }} as decided
    on stated.list_id = decided.list_id and stated.accepted_uscc = decided.uscc
