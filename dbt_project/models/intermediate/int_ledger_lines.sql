-- The lines that the work ledger must have: one row per plan version, task, body and month. The two collective bodies stand for the
-- counties and zones, each with a line of its own; months run from the first return to the last month that has ended.
with returned as (

    select min(month) as first_month, max(month) as last_month from {{ ref('stg_ledger_returns') }}

),

months as (

    select spine.month, spine.month_end
    from ({{ months(2024, horizon()) }}) as spine
    cross join returned
    where spine.month >= coalesce(returned.first_month, {{ last_whole_month() }})
        and spine.month <= greatest(coalesce(returned.last_month, {{ last_whole_month() }}), {{ last_whole_month() }})

),

bodies as (

    select plan_version, dept_id, dept_id as body_id, short_name_zh as body_name_zh, cast(null as {{ dbt.type_string() }}) as area_id
    from {{ ref('plan_departments') }}
    where dept_id not in ('G01', 'G02')
    union all
    select departments.plan_version, departments.dept_id, areas.area_id, areas.name_zh, areas.area_id
    from {{ ref('plan_departments') }} as departments
    inner join {{ ref('areas') }} as areas
        on (departments.dept_id = 'G01' and areas.area_level = 'county')
        or (departments.dept_id = 'G02' and areas.area_level = 'zone')
    where ({{ parameter('A02_unit_scope') }} = '14' and areas.is_assigned_industries)
        or ({{ parameter('A02_unit_scope') }} = '17' and areas.is_in_wide_scope)

),

actions as (

    select plan_version, task_id, count(*) as n_actions
    from {{ ref('plan_task_actions') }}
    group by plan_version, task_id

)

select
    links.plan_version,
    links.task_id,
    tasks.task_title_zh,
    links.dept_id,
    bodies.body_id,
    bodies.body_name_zh,
    bodies.area_id,
    links.role_code as role,
    links.is_explicit_in_plan,
    cast(coalesce(actions.n_actions, 0) as integer) as n_actions,
    months.month,
    months.month_end
from {{ ref('plan_task_departments') }} as links
inner join {{ ref('plan_tasks') }} as tasks
    on links.plan_version = tasks.plan_version and links.task_id = tasks.task_id
inner join bodies
    on links.plan_version = bodies.plan_version and links.dept_id = bodies.dept_id
left join actions
    on links.plan_version = actions.plan_version and links.task_id = actions.task_id
cross join months
