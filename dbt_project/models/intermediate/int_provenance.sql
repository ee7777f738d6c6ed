-- Where the figures of the marts stand in print: one row per figure or list row that a mart may name in source_row_ids.
select
    figure_id as provenance_id,
    'indicator_figures' as dataset,
    source_id,
    source_sha256,
    source_locator,
    value_text,
    unit_text,
    area_text || ' ' || indicator_text || coalesce(' ' || period_id, '') as about,
    vintage_text,
    origin_title,
    origin_url,
    published_on,
    published_precision,
    data_origin
from {{ ref('stg_indicator_figures') }}
union all
select
    row_id,
    'cluster_titles',
    source_id,
    source_sha256,
    source_locator,
    cluster_name,
    null,
    tier || ' ' || coalesce(industry_text, ''),
    null,
    origin_title,
    origin_url,
    published_on,
    null,
    data_origin
from {{ ref('stg_cluster_titles') }}
union all
select
    event_id,
    'green_list_entries',
    source_id,
    source_sha256,
    source_locator,
    name_text,
    null,
    tier || ' ' || category || ' ' || action,
    null,
    origin_title,
    origin_url,
    published_on,
    null,
    data_origin
from {{ ref('int_green_events') }}
union all
select
    row_id,
    'above_scale_frame',
    source_id,
    source_sha256,
    source_locator,
    name_text,
    null,
    'in the frame from ' || cast(entered_on as {{ dbt.type_string() }})
        || coalesce(' to ' || cast(exited_on as {{ dbt.type_string() }}), ''),
    null,
    null,
    null,
    null,
    null,
    data_origin
from {{ ref('stg_above_scale_frame') }}
union all
select
    row_id,
    'digital_assessments',
    source_id,
    source_sha256,
    source_locator,
    name_text,
    null,
    'level ' || cast(level as {{ dbt.type_string() }}) || ' on ' || cast(assessed_on as {{ dbt.type_string() }}),
    null,
    null,
    null,
    null,
    null,
    data_origin
from {{ ref('stg_digital_assessments') }}
union all
-- what a target demands, a rule or an obligation stands in the plan itself
select
    'plan:' || targets.plan_version || ':' || targets.target_id,
    'plan_targets',
    'plan',
    null,
    'clause ' || targets.plan_section,
    targets.plan_quote,
    null,
    targets.target_group_zh || ' ' || targets.indicator_name_zh,
    null,
    versions.title_zh || '(' || versions.status_zh || ')',
    null,
    cast(versions.issued_on as date),
    'day',
    'published'
from {{ ref('plan_targets') }} as targets
inner join {{ ref('plan_versions') }} as versions
    on targets.plan_version = versions.plan_version
union all
select
    'plan:' || items.plan_version || ':' || items.rule_id,
    'plan_rules',
    'plan',
    null,
    'clause ' || items.plan_section,
    items.plan_quote,
    null,
    items.rule_name_zh,
    null,
    versions.title_zh || '(' || versions.status_zh || ')',
    null,
    cast(versions.issued_on as date),
    'day',
    'published'
from {{ ref('plan_rules') }} as items
inner join {{ ref('plan_versions') }} as versions
    on items.plan_version = versions.plan_version
union all
select
    'plan:' || items.plan_version || ':' || items.obligation_id,
    'plan_obligations',
    'plan',
    null,
    'clause ' || items.plan_section,
    items.plan_quote,
    null,
    items.name_zh,
    null,
    versions.title_zh || '(' || versions.status_zh || ')',
    null,
    cast(versions.issued_on as date),
    'day',
    'published'
from {{ ref('plan_obligations') }} as items
inner join {{ ref('plan_versions') }} as versions
    on items.plan_version = versions.plan_version
union all
select
    'plan:' || items.plan_version || ':' || items.clause_id,
    'plan_clauses',
    'plan',
    null,
    'clause ' || items.clause_id,
    items.clause_text_zh,
    null,
    concat_ws(' ', items.part_zh, items.section_zh),
    null,
    versions.title_zh || '(' || versions.status_zh || ')',
    null,
    cast(versions.issued_on as date),
    'day',
    'published'
from {{ ref('plan_clauses') }} as items
inner join {{ ref('plan_versions') }} as versions
    on items.plan_version = versions.plan_version
