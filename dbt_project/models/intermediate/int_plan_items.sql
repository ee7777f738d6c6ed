-- What a clause of the plan may be taken apart into, one row per plan version and item, named "table:id" as clauses name it. A
-- list of industries is named by its list, what an area is assigned by the area.
select plan_version, 'targets:' || target_id as item from {{ ref('plan_targets') }}
union all
select plan_version, 'rules:' || rule_id from {{ ref('plan_rules') }}
union all
select plan_version, 'tasks:' || task_id from {{ ref('plan_tasks') }}
union all
select plan_version, 'task_actions:' || action_id from {{ ref('plan_task_actions') }}
union all
select plan_version, 'obligations:' || obligation_id from {{ ref('plan_obligations') }}
union all
select distinct plan_version, 'industries:' || taxonomy_code from {{ ref('plan_industries') }}
union all
select distinct plan_version, 'area_industries:' || area_id from {{ ref('plan_area_industries') }}
