-- What is observed of everything that is not a single cluster, for the rules of the plan: areas and their industries, years of the
-- city, firms that moved in, projects, tasks and bodies. Same shape as int_rule_clusters.
with clusters as (

    select *, cast(extract(year from {{ as_of_date() }}) - 1 as integer) as last_year from {{ ref('int_active_clusters') }}

),

city as (

    select area_id, name_zh from {{ ref('areas') }} where area_level = 'city'

),

same_type as (

    select
        'area_industry' as subject_type,
        area_id || ':' || family_id as subject_id,
        area_id || ' ' || min(industry_text) as subject_name,
        {{ observed(
            'active_cluster_count', number='count(distinct cluster_id)',
            text=unique_list('cluster_name'), evidence=string_list('source_row_ids', 'cluster_id')
        ) }},
        {{ origin_of('data_origin') }} as data_origin
    from clusters
    where area_id is not null and family_id is not null
    group by area_id, family_id

),

-- R11: leaving or moving needs an application and an approval, each with its day
transitions as (

    select
        'cluster' as subject_type,
        coalesce(records.subject_code, titles.cluster_id) as subject_id,
        max(titles.cluster_name) as subject_name,
        {{ observed(
            'status_transition', text="max(coalesce(records.item_text || coalesce(':批准 ' || cast(records.document_on as " ~ dbt.type_string() ~ "), ':无批准日期'), '撤销'))",
            flag='case when count(records.row_id) = 0 then null else count(case when records.document_no is null or records.document_on is null then 1 end) = 0 end',
            note="case when count(records.row_id) = 0 then '名录载已撤销,未见退出或调区的申请与批准记录' end",
            evidence="concat_ws(';', " ~ unique_list('titles.title_id') ~ ", " ~ unique_list('records.row_id') ~ ")"
        ) }},
        {{ origin_among(origin_of('records.data_origin'), origin_of('titles.data_origin')) }} as data_origin
    from {{ ref('int_clusters') }} as titles
    full join (
        select * from {{ ref('int_standing_records') }} where item in ('change_exit', 'change_rezone') and nth = 1
    ) as records
        on titles.cluster_id = records.subject_code
    where records.row_id is not null or (titles.revoked_on is not null and titles.revoked_on <= {{ as_of_date() }})
    group by coalesce(records.subject_code, titles.cluster_id)

),

recognised as (

    select
        city.area_id || ':' || cast(titles.recognised_year as {{ dbt.type_string() }}) as subject_id,
        city.name_zh || cast(titles.recognised_year as {{ dbt.type_string() }}) || '年' as subject_name,
        titles.*
    from {{ ref('int_clusters') }} as titles
    cross join city
    where titles.tier = 'municipal' and titles.recognised_year is not null
        and titles.recognised_on <= {{ as_of_date() }}

),

selections as (

    select
        'city_year' as subject_type,
        subject_id,
        min(subject_name) as subject_name,
        {{ observed(
            'industry_class', number=percent("count(case when industry_class = 'emerging' then 1 end)", 'count(*)'),
            text="'新兴产业 ' || cast(count(case when industry_class = 'emerging' then 1 end) as " ~ dbt.type_string() ~ ") || '/' || cast(count(*) as " ~ dbt.type_string() ~ ")",
            evidence=string_list('title_id', 'title_id')
        ) }},
        {{ origin_of('data_origin') }} as data_origin
    from recognised
    group by subject_id
    union all
    select
        'city_year', subject_id, min(subject_name),
        {{ observed(
            'traditional_share', number=percent("count(case when industry_class = 'traditional' then 1 end)", 'count(*)'),
            evidence=string_list('title_id', 'title_id')
        ) }},
        {{ origin_of('data_origin') }}
    from recognised
    group by subject_id

),

plans_ahead as (

    select
        'area' as subject_type,
        areas.area_id as subject_id,
        areas.name_zh as subject_name,
        {{ observed(
            'future_cluster_planned', text='max(coalesce(records.value_text, clusters.cluster_name))',
            flag='case when count(records.row_id) + count(clusters.cluster_id) > 0 then true end',
            evidence="concat_ws(';', max(records.row_id), max(clusters.source_row_ids))"
        ) }},
        {{ origin_among(origin_of('records.data_origin'), origin_of('clusters.data_origin')) }} as data_origin
    from {{ ref('areas') }} as areas
    left join {{ ref('int_standing_records') }} as records
        on areas.area_id = records.subject_code and records.item = 'future_cluster_planned' and records.nth = 1
        and records.is_in_force and records.value_flag
    left join clusters
        on areas.area_id = clusters.area_id and clusters.industry_class = 'future'
    where areas.area_level in ('county', 'zone') and areas.is_assigned_industries
    group by areas.area_id, areas.name_zh

),

-- R21 is about those who moved in since the plan was written
newcomers as (

    select
        members.cluster_id,
        members.uscc,
        min(members.counts_from) as moved_in_on,
        min(members.row_id) as row_id,
        {{ origin_of('members.data_origin') }} as data_origin
    from {{ ref('int_cluster_members') }} as members
    where members.uscc is not null and members.counts_from <= {{ as_of_date() }}
        and members.counts_from > (
            select issued_on from {{ ref('plan_versions') }} where plan_version = {{ parameter('plan_version') }}
        )
    group by members.cluster_id, members.uscc

),

polluters as (

    select
        'enterprise' as subject_type,
        newcomers.cluster_id || ':' || newcomers.uscc as subject_id,
        min(firms.name) as subject_name,
        {{ observed(
            'is_two_high',
            text="max(case when firms.is_two_high then '两高' when not firms.is_two_high then '非两高' end) || coalesce(' ' || max(records.value_text), '')",
            flag="case when count(firms.is_two_high) = 0 then null when max(case when firms.is_two_high then 1 else 0 end) = 0 then true else count(records.row_id) > 0 end",
            evidence="concat_ws(';', max(newcomers.row_id), max(records.row_id))"
        ) }},
        {{ origin_among(
            origin_of('newcomers.data_origin'), origin_among(origin_of('firms.data_origin'), origin_of('records.data_origin'))
        ) }} as data_origin
    from newcomers
    left join {{ ref('dim_enterprise') }} as firms on newcomers.uscc = firms.uscc and firms.is_latest
    left join {{ ref('int_standing_records') }} as records
        on newcomers.uscc = records.subject_code and records.item = 'two_high_explanation' and records.nth = 1
    group by newcomers.cluster_id, newcomers.uscc

),

-- R23 by area, where the reading asks for it (A12), and R24: an evaluation of the last whole year
evaluations as (

    select
        'cluster_year' as subject_type,
        clusters.cluster_id || ':' || cast(min(clusters.last_year) as {{ dbt.type_string() }}) as subject_id,
        min(clusters.cluster_name) as subject_name,
        {{ observed(
            'evaluation_has_investment', number='max(records.value)', text='max(records.value_text)',
            flag='case when count(records.row_id) > 0 then max(records.value) is not null end', evidence='max(records.row_id)'
        ) }},
        {{ origin_among(origin_of('records.data_origin'), origin_of('clusters.data_origin')) }} as data_origin
    from clusters
    left join {{ ref('int_standing_records') }} as records
        on clusters.cluster_id = records.subject_code and records.item = 'evaluation_investment_score'
        and extract(year from records.effective_on) = clusters.last_year
    where extract(year from clusters.first_recognised_on) <= clusters.last_year
    group by clusters.cluster_id

),

area_maps as (

    select
        'area' as subject_type,
        areas.area_id as subject_id,
        areas.name_zh as subject_name,
        {{ observed(
            'investment_map_count', number='case when count(maps.metric) > 0 then sum(maps.observed_number) end',
            applicable='count(clusters.cluster_id) > 0', evidence=string_list('maps.source_row_ids', 'maps.subject_id')
        ) }},
        {{ origin_among(origin_of('clusters.data_origin'), origin_of('maps.data_origin')) }} as data_origin
    from {{ ref('areas') }} as areas
    left join clusters on areas.area_id = clusters.area_id
    left join {{ ref('int_rule_clusters') }} as maps
        on clusters.cluster_id = maps.subject_id and maps.metric = 'investment_map_count'
        and maps.observed_number is not null
    where areas.area_level in ('county', 'zone') and areas.is_assigned_industries
        and {{ parameter('A12_map_subject') }} = 'area'
    group by areas.area_id, areas.name_zh

),

entries as (

    select *, coalesce(dated_on, {{ as_of_date() }}) as placed_on
    from {{ ref('stg_programme_entries') }}
    where data_origin <> 'demo'
        or not exists (select 1 from {{ ref('stg_programme_entries') }} as others where others.data_origin <> 'demo')

),

-- an entry lies in a cluster by its own word, or by its firm's membership on the day of the entry
placed as (

    select
        entries.*,
        coalesce(entries.cluster_id, min(members.cluster_id) over (partition by entries.row_id)) as in_cluster_id,
        members.data_origin as member_origin,
        row_number() over (partition by entries.row_id order by members.cluster_id) as nth
    from entries
    left join {{ ref('int_cluster_members') }} as members
        on entries.uscc = members.uscc
        and members.counts_from <= entries.placed_on
        and (members.valid_to is null or members.valid_to > entries.placed_on)

),

programmes as (

    select
        placed.*,
        city.area_id || ':' || cast(placed.year as {{ dbt.type_string() }}) as subject_id,
        city.name_zh || cast(placed.year as {{ dbt.type_string() }}) || '年' as subject_name,
        clusters.industry_text as cluster_industry,
        clusters.cluster_id as active_cluster_id,
        {{ origin_among('placed.data_origin', origin_among('placed.member_origin', 'clusters.data_origin')) }} as rests_on
    from placed
    cross join city
    left join clusters on placed.in_cluster_id = clusters.cluster_id
    where placed.nth = 1 and placed.year is not null

),

shares as (

    select
        'city_year' as subject_type,
        subject_id,
        min(subject_name) as subject_name,
        {{ observed(
            'matching_project_share',
            number=percent(
                'count(case when industry_text = cluster_industry then 1 end)', 'count(case when active_cluster_id is not null then 1 end)'
            ),
            text="cast(count(case when industry_text = cluster_industry then 1 end) as " ~ dbt.type_string() ~ ") || '/' || cast(count(case when active_cluster_id is not null then 1 end) as " ~ dbt.type_string() ~ ")",
            evidence=string_list('row_id', 'row_id')
        ) }},
        {{ origin_of('rests_on') }} as data_origin
    from programmes
    where programme = 'investment_project'
    group by subject_id
    union all
    select
        'city_year', subject_id, min(subject_name),
        {{ observed(
            'pilot_in_cluster_share', number=percent('count(active_cluster_id)', 'count(*)'),
            text="cast(count(active_cluster_id) as " ~ dbt.type_string() ~ ") || '/' || cast(count(*) as " ~ dbt.type_string() ~ ")",
            evidence=string_list('row_id', 'row_id')
        ) }},
        {{ origin_of('rests_on') }}
    from programmes
    where programme = 'digital_pilot'
    group by subject_id
    union all
    select
        'city_year', subject_id, min(subject_name),
        {{ observed('blue_talent_in_cluster', number='count(active_cluster_id)', evidence=string_list('row_id', 'row_id')) }},
        {{ origin_of('rests_on') }}
    from programmes
    where programme = 'blue_talent'
    group by subject_id
    union all
    select
        'project', entry_code, min(title),
        {{ observed(
            'in_project_library', text='max(library_no)', applicable='max(case when is_eligible then 1 else 0 end) = 1',
            flag='max(library_no) is not null', note="case when max(case when is_eligible then 1 else 0 end) = 0 then '不符合入库条件' end",
            evidence=string_list('row_id', 'row_id')
        ) }},
        {{ origin_of('data_origin') }}
    from entries
    where programme = 'key_project'
    group by entry_code

),

implementers as (

    select
        'task' as subject_type,
        tasks.task_id as subject_id,
        min(tasks.task_title_zh) as subject_name,
        {{ observed(
            'local_implementers', number="count(distinct links.dept_id)", text=string_list('links.dept_short_name_zh', 'links.dept_id'),
            flag='count(distinct links.dept_id) = 2', evidence='null'
        ) }},
        'published' as data_origin
    from {{ ref('plan_tasks') }} as tasks
    left join {{ ref('plan_task_departments') }} as links
        on tasks.plan_version = links.plan_version and tasks.task_id = links.task_id and links.dept_id in ('G01', 'G02')
    where tasks.plan_version = {{ parameter('plan_version') }}
    group by tasks.task_id

),

ledgers as (

    select
        'department' as subject_type,
        departments.dept_id as subject_id,
        min(departments.short_name_zh) as subject_name,
        {{ observed(
            'ledger_exists', number='count(distinct returns.task_id)',
            text="cast(count(distinct returns.task_id) as " ~ dbt.type_string() ~ ") || '/' || cast(count(distinct links.task_id) as " ~ dbt.type_string() ~ ")",
            flag='case when (select count(*) from ' ~ ref('stg_ledger_returns') ~ ') = 0 then null else count(distinct returns.task_id) = count(distinct links.task_id) end',
            evidence='null'
        ) }},
        -- who returned nothing is told so by all that the others did
        case
            when count(returns.data_origin) > 0 then {{ origin_of('returns.data_origin') }}
            else (select {{ origin_of('data_origin') }} from {{ ref('stg_ledger_returns') }})
        end as data_origin
    from {{ ref('plan_departments') }} as departments
    inner join {{ ref('plan_task_departments') }} as links
        on departments.plan_version = links.plan_version and departments.dept_id = links.dept_id
    left join {{ ref('stg_ledger_returns') }} as returns
        on links.dept_id = returns.body_id and links.task_id = returns.task_id
    where departments.plan_version = {{ parameter('plan_version') }} and departments.org_type_zh <> '集合主体'
    group by departments.dept_id

)

{%- for part in [
    'same_type', 'transitions', 'selections', 'plans_ahead', 'polluters', 'evaluations', 'area_maps', 'shares', 'implementers',
    'ledgers'
] %}
{{ 'union all' if not loop.first }}
select
    metric, subject_type, subject_id, subject_name, observed_number, observed_text, observed_flag, is_applicable, note,
    source_row_ids, data_origin
from {{ part }}
{%- endfor %}
