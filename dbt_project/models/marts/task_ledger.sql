-- The work ledger, judged by the three-colour rule: a line is held against its node, the month's planned progress at the month's end,
-- or against completion where the body gave a day for it. Reached in time is green, reached later is yellow (made up), not
-- reached is red; no return is grey, counted and not coloured.
with returns as (

    select * from {{ ref('stg_ledger_returns') }} where action_id is null

),

lines as (

    select
        lines.*,
        returns.planned_pct,
        returns.reported_pct,
        returns.submitted_on,
        returns.evidence_text,
        returns.remark,
        returns.row_id,
        returns.data_origin,
        returns.row_id is not null as is_submitted,
        coalesce(returns.due_on, lines.month_end) as due_on,
        case when returns.due_on is not null then 100.0 else returns.planned_pct end as goal_pct
    from {{ ref('int_ledger_lines') }} as lines
    left join returns
        on lines.body_id = returns.body_id and lines.task_id = returns.task_id and lines.month = returns.month

),

reached as (

    select
        lines.plan_version,
        lines.task_id,
        lines.body_id,
        lines.month,
        -- on the day on which it was told, at the latest at the end of the month that the return is of
        min(least(others.month_end, coalesce(others.submitted_on, others.month_end))) as reached_on
    from lines
    inner join lines as others
        on lines.plan_version = others.plan_version and lines.task_id = others.task_id and lines.body_id = others.body_id
        and others.reported_pct >= lines.goal_pct
    group by lines.plan_version, lines.task_id, lines.body_id, lines.month

),

timed as (

    select
        lines.*,
        reached.reached_on,
        {{ dbt.datediff('lines.due_on', as_of_date(), 'day') }} as days_past_due,
        {{ dbt.datediff('lines.due_on', 'reached.reached_on', 'day') }} as days_made_up
    from lines
    left join reached
        on lines.plan_version = reached.plan_version and lines.task_id = reached.task_id
        and lines.body_id = reached.body_id and lines.month = reached.month

),

judged as (

    select
        *,
        case
            when dept_id = body_id and dept_id = 'G03' then 'not_assignable'
            when not is_submitted then 'not_submitted'
            when goal_pct is null or reported_pct is null then 'not_assessable'
            when reached_on <= due_on and reported_pct >= 100 then 'done'
            when reached_on <= due_on then 'in_progress'
            when reached_on > due_on then 'done_late'
            when days_past_due > 0 then 'overdue'
            when reported_pct >= planned_pct then 'in_progress'
            when -days_past_due <= cast({{ parameter('ledger_due_soon_days') }} as integer) then 'due_soon'
            else 'behind'
        end as status
    from timed

)

select
    plan_version,
    task_id,
    body_id,
    month as period,
    task_title_zh,
    body_name_zh,
    dept_id,
    area_id,
    role,
    is_explicit_in_plan,
    n_actions,
    status,
    planned_pct,
    reported_pct,
    due_on,
    cast(case status when 'overdue' then days_past_due when 'done_late' then days_made_up end as integer) as days_late,
    case
        when status in ('done', 'in_progress') then 'green'
        when status in ('done_late', 'due_soon', 'behind') then 'yellow'
        when status = 'overdue' then 'red'
        else 'grey'
    end as rag,
    submitted_on,
    evidence_text,
    remark,
    case status
        when 'not_assignable' then '方案未列名,无从填报'
        when 'not_submitted' then '本期未报'
        when 'not_assessable' then '未填计划进度或完成进度'
        when 'behind' then '落后于计划,离时限尚远'
    end as reason,
    row_id as source_row_ids,
    coalesce(data_origin, ledger_origin) as data_origin
from judged
-- a line without a return is missing from the ledger that is kept, and that may be a demo one
cross join (select {{ origin_of('data_origin') }} as ledger_origin from returns) as ledger
