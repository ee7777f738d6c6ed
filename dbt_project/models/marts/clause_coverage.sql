-- Every clause of the plan, and what watches it: the items that stand in it, each looked up in the mart that holds it. What is only
-- told by the bodies themselves is marked as such; what nothing watches says so.
with watched as (

    select distinct plan_version, 'targets:' || target_id as item, 'plan_progress' as monitored_by, target_id as item_id
    from {{ ref('plan_progress') }}
    union all
    select rules.plan_version, 'rules:' || rules.rule_id, 'cluster_compliance', rules.rule_id
    from {{ ref('plan_rules') }} as rules
    union all
    select distinct plan_version, 'obligations:' || obligation_id, 'obligation_calendar', obligation_id
    from {{ ref('obligation_calendar') }}
    union all
    select distinct plan_version, 'tasks:' || task_id, 'task_ledger', task_id
    from {{ ref('task_ledger') }}
    union all
    select distinct actions.plan_version, 'task_actions:' || actions.action_id, 'task_ledger', actions.task_id
    from {{ ref('plan_task_actions') }} as actions
    inner join {{ ref('task_ledger') }} as ledger
        on actions.plan_version = ledger.plan_version and actions.task_id = ledger.task_id
    union all
    select distinct pairs.plan_version, 'area_industries:' || pairs.area_id, 'cluster_compliance', 'R17'
    from {{ ref('plan_area_industries') }} as pairs

),

-- a rule is looked at only where real data settle it
looked_at as (

    select plan_version, rule_id, count(*) as settled
    from {{ ref('cluster_compliance') }}
    where data_origin <> 'demo' and result in ('pass', 'violation')
    group by plan_version, rule_id

),

by_clause as (

    select
        clauses.plan_version,
        clauses.clause_id,
        {{ unique_list("watched.monitored_by || ':' || watched.item_id") }}
            as monitored_by,
        count(case when watched.monitored_by in ('plan_progress', 'cluster_compliance', 'obligation_calendar') then 1 end)
            as n_figures,
        count(*) as n_items,
        {{ unique_list(
            "case when watched.monitored_by = 'cluster_compliance' and looked_at.rule_id is null then watched.item_id end"
        ) }} as without_subject
    from {{ ref('plan_clauses') }} as clauses
    inner join watched
        on clauses.plan_version = watched.plan_version
        and '|' || clauses.items || '|' like '%|' || watched.item || '|%'
    left join looked_at
        on watched.monitored_by = 'cluster_compliance'
        and watched.plan_version = looked_at.plan_version and watched.item_id = looked_at.rule_id
    group by clauses.plan_version, clauses.clause_id

)

select
    clauses.plan_version,
    clauses.clause_id,
    clauses.kind,
    clauses.part_zh,
    clauses.section_zh,
    clauses.clause_text_zh,
    clauses.items,
    by_clause.monitored_by,
    case
        when clauses.kind in ('heading', 'preamble') then 'no_content'
        when by_clause.n_figures > 0 then 'monitored'
        when by_clause.n_items > 0 then 'reported'
        else 'not_monitorable'
    end as state,
    nullif(concat_ws(
        ';',
        case
            when clauses.kind in ('heading', 'preamble') then '标题或导语,无可监测事项'
            when by_clause.clause_id is null then '该条未含可量化、可核查或可填报的事项'
            when by_clause.n_figures = 0 then '只有责任单位按月自报的进度,无独立数据可核'
        end,
        case when by_clause.without_subject <> '' then '真实数据尚不足以核查:' || by_clause.without_subject end
    ), '') as reason,
    'published' as data_origin
from {{ ref('plan_clauses') }} as clauses
left join by_clause
    on clauses.plan_version = by_clause.plan_version and clauses.clause_id = by_clause.clause_id
