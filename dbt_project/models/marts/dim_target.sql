select
    targets.plan_version,
    targets.target_id,
    targets.target_group_zh,
    targets.indicator_code,
    targets.indicator_name_zh,
    targets.indicator_name_en,
    targets.scope_zh,
    targets.tier,
    cast(targets.target_year as integer) as target_year,
    targets.operator_zh,
    targets.operator_code,
    cast(targets.target_value as double) as target_value,
    targets.unit_zh,
    targets.unit_code,
    targets.is_quantified,
    cast(targets.suggested_tolerance_abs as double) as tolerance,
    targets.suggested_assessment_method as method,
    cast(parameters.base_year as integer) as base_year_from,
    parameters.base_reason_zh,
    targets.plan_section,
    targets.plan_quote,
    targets.note_zh,
    versions.status as plan_status,
    versions.status_zh as plan_status_zh
from {{ ref('plan_targets') }} as targets
inner join {{ ref('plan_versions') }} as versions
    on targets.plan_version = versions.plan_version
left join {{ ref('plan_target_parameters') }} as parameters
    on targets.plan_version = parameters.plan_version and targets.target_id = parameters.target_id
