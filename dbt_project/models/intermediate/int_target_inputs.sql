-- What an assessment needs, one row per target and period: the value or its absence, the base, the target. A period without a value
-- is listed too: the last full year, and each year of a quota.
with plan as (

    select
        targets.*,
        parameters.base_year as base_year_from,
        parameters.base_value as base_value_given,
        parameters.base_reason_zh,
        parameters.decision_month_day,
        parameters.is_effort,
        parameters.no_data_reason_zh
    from {{ ref('plan_targets') }} as targets
    inner join {{ ref('plan_target_parameters') }} as parameters
        on targets.target_id = parameters.target_id

),

listed_years as (

    -- values stand at the end of a year; the year that is running has none yet
    select plan.plan_version, plan.target_id, years.year
    from plan
    inner join ({{ years(2015, 2040) }}) as years
        on (
            plan.suggested_assessment_method not in ('annual_quota', 'not_quantified')
            and years.year = extract(year from {{ as_of_date() }}) - 1
        ) or (
            plan.suggested_assessment_method in ('annual_quota', 'not_quantified')
            and years.year between cast({{ parameter('A18_first_quota_year') }} as integer)
                and extract(year from {{ as_of_date() }})
        )

),

missing_years as (

    select listed_years.*
    from listed_years
    left join {{ ref('int_target_values') }} as known
        on listed_years.target_id = known.target_id and listed_years.year = known.period_year
    where known.target_id is null

),

periods as (

    select
        plan.plan_version, plan.target_id, known.period_id, known.period_year, known.period_end, known.value, known.vintage,
        known.published_on, known.is_proxy, known.published_value, known.source_row_ids, known.data_origin
    from plan
    inner join {{ ref('int_target_values') }} as known
        on plan.target_id = known.target_id
    -- a quota binds from its first year on
    where plan.suggested_assessment_method <> 'annual_quota'
        or known.period_year >= cast({{ parameter('A18_first_quota_year') }} as integer)
    union all
    select
        plan_version, target_id, cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, null, null,
        null, false, null, null, 'published'
    from missing_years

),

base_candidates as (

    select
        plan.plan_version,
        plan.target_id,
        known.period_id,
        known.period_year,
        known.value,
        known.source_row_ids,
        known.data_origin,
        row_number() over (
            partition by plan.plan_version, plan.target_id order by known.period_end, known.period_id
        ) as nth
    from plan
    inner join {{ ref('int_target_values') }} as known
        on plan.target_id = known.target_id and known.period_year >= plan.base_year_from
    where plan.base_value_given is null

),

bases as (

    select
        plan.plan_version,
        plan.target_id,
        cast(coalesce(plan.base_value_given, candidates.value) as double) as base_value,
        case when plan.base_value_given is not null then plan.base_year_from else candidates.period_year end as base_year,
        case
            when plan.base_value_given is not null then cast(plan.base_year_from as {{ dbt.type_string() }})
            else candidates.period_id
        end as base_period,
        case when plan.base_value_given is null then candidates.source_row_ids end as base_source_row_ids
    from plan
    left join base_candidates as candidates
        on plan.plan_version = candidates.plan_version
        and plan.target_id = candidates.target_id
        and candidates.nth = 1

)

select
    plan.plan_version,
    plan.target_id,
    plan.indicator_code,
    plan.scope_zh as scope,
    plan.tier,
    case
        when plan.suggested_assessment_method = 'level_or_linear_pace'
            and plan.target_value - bases.base_value < cast({{ parameter('maintain_band_pp') }} as double)
            then 'maintain'
        when plan.suggested_assessment_method = 'level_or_linear_pace' then 'linear_pace'
        else plan.suggested_assessment_method
    end as method,
    plan.operator_code,
    -- the share of units that have a cluster is measured against all of them
    case when plan.suggested_assessment_method = 'coverage_all' then 100.0 else plan.target_value end as target_value,
    case when plan.suggested_assessment_method = 'coverage_all' then 'percent' else plan.unit_code end as unit,
    plan.target_year,
    plan.suggested_tolerance_abs as tolerance,
    1 as direction,
    periods.period_id,
    periods.period_year,
    periods.period_end,
    periods.value,
    periods.vintage,
    periods.published_on,
    periods.is_proxy,
    periods.published_value,
    bases.base_value,
    bases.base_year,
    bases.base_period,
    bases.base_source_row_ids,
    plan.base_reason_zh,
    plan.is_effort,
    plan.no_data_reason_zh,
    coalesce({{ day_of_year('periods.period_year', 'plan.decision_month_day') }} > {{ as_of_date() }}, false)
        as is_before_decision,
    periods.period_year < cast({{ parameter('A09_first_assessed_year') }} as integer) as is_before_first_assessed_year,
    periods.source_row_ids,
    periods.data_origin
from periods
inner join plan
    on periods.plan_version = plan.plan_version and periods.target_id = plan.target_id
left join bases
    on periods.plan_version = bases.plan_version and periods.target_id = bases.target_id
