-- What an assessment needs, one row per target, reading and period: the value or its absence, the base, the target. A period
-- without a value is listed too, in the primary reading: the last full year, and each year of a quota.
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
        on targets.plan_version = parameters.plan_version and targets.target_id = parameters.target_id

),

-- a target's values are those of its indicator and tier
known as (

    select plan.plan_version, plan.target_id, series.*
    from plan
    inner join {{ ref('int_plan_series') }} as series
        on plan.indicator_code = series.indicator_code and coalesce(plan.tier, '') = series.tier

),

listed_years as (

    -- values stand at the end of a year; the year that is running has none yet
    select plan.plan_version, plan.target_id, years.year
    from plan
    inner join ({{ years(2015, horizon()) }}) as years
        on (
            plan.suggested_assessment_method not in ('annual_quota', 'not_quantified')
            and years.year = extract(year from {{ as_of_date() }}) - 1
        ) or (
            plan.suggested_assessment_method in ('annual_quota', 'not_quantified')
            and years.year between cast({{ parameter('A18_first_quota_year') }} as integer)
                and greatest(extract(year from {{ as_of_date() }}), cast({{ parameter('A18_first_quota_year') }} as integer))
        )

),

missing_years as (

    select listed_years.*
    from listed_years
    left join known
        on listed_years.plan_version = known.plan_version and listed_years.target_id = known.target_id
        and listed_years.year = known.period_year and known.reading = 'primary'
    where known.target_id is null

),

periods as (

    select
        plan.plan_version, plan.target_id, known.reading, known.period_id, known.period_year, known.period_end, known.value,
        known.vintage, known.published_on, known.is_proxy, known.note, known.published_value, known.source_row_ids,
        known.data_origin
    from plan
    inner join known
        on plan.plan_version = known.plan_version and plan.target_id = known.target_id
    -- a quota binds from its first year on
    where plan.suggested_assessment_method <> 'annual_quota'
        or known.period_year >= cast({{ parameter('A18_first_quota_year') }} as integer)
    union all
    select
        plan_version, target_id, 'primary', cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, null, null,
        null, false, null, null, null, 'published'
    from missing_years

),

base_candidates as (

    select
        plan.plan_version,
        plan.target_id,
        known.reading,
        known.period_id,
        known.period_year,
        known.value,
        known.vintage,
        known.source_row_ids,
        row_number() over (
            partition by plan.plan_version, plan.target_id, known.reading order by known.period_end, known.period_id
        ) as nth
    from plan
    inner join known
        on plan.plan_version = known.plan_version and plan.target_id = known.target_id
        and known.period_year >= plan.base_year_from
    where plan.base_value_given is null

),

bases as (

    select
        readings.plan_version,
        readings.target_id,
        readings.reading,
        cast(coalesce(plan.base_value_given, candidates.value) as double) as base_value,
        case when plan.base_value_given is not null then plan.base_year_from else candidates.period_year end as base_year,
        case
            when plan.base_value_given is not null then cast(plan.base_year_from as {{ dbt.type_string() }})
            else candidates.period_id
        end as base_period,
        candidates.vintage as base_vintage,
        case when plan.base_value_given is null then candidates.source_row_ids end as base_source_row_ids
    from (select distinct plan_version, target_id, reading from periods) as readings
    inner join plan
        on readings.plan_version = plan.plan_version and readings.target_id = plan.target_id
    left join base_candidates as candidates
        on readings.plan_version = candidates.plan_version
        and readings.target_id = candidates.target_id
        and readings.reading = candidates.reading
        and candidates.nth = 1

),

-- the earliest of the five years before a period: what a projection leans on
earlier as (

    select
        periods.plan_version,
        periods.target_id,
        periods.reading,
        periods.period_id,
        known.period_id as trend_from_period,
        known.period_year as trend_from_year,
        known.value as trend_from_value,
        row_number() over (
            partition by periods.plan_version, periods.target_id, periods.reading, periods.period_id
            order by known.period_end, known.period_id
        ) as nth
    from periods
    inner join known
        on periods.plan_version = known.plan_version and periods.target_id = known.target_id
        and periods.reading = known.reading
        and known.period_year between periods.period_year - 5 and periods.period_year - 1

),

-- 左右 with the suggested tolerance, and without any
tolerances as (

    select readings.reading, readings.reading = {{ parameter('A08_tolerance') }} as is_chosen
    from (select 'suggested' as reading union all select 'none') as readings

)

select
    plan.plan_version,
    plan.target_id,
    case when tolerances.is_chosen then periods.reading else 'A08=' || tolerances.reading end as reading,
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
    case when tolerances.reading = 'suggested' then plan.suggested_tolerance_abs end as tolerance,
    case when plan.operator_code in ('le', 'lt') then -1 else 1 end as direction,
    periods.period_id,
    periods.period_year,
    periods.period_end,
    periods.value,
    periods.vintage,
    periods.published_on,
    periods.is_proxy,
    periods.note,
    periods.published_value,
    bases.base_value,
    bases.base_year,
    bases.base_period,
    bases.base_vintage,
    bases.base_source_row_ids,
    plan.base_reason_zh,
{#- a base that was set by hand is a value too, where the series has none before #}
    case when earlier.nth is not null then earlier.trend_from_period when bases.base_year < periods.period_year then bases.base_period end
        as trend_from_period,
    case when earlier.nth is not null then earlier.trend_from_year when bases.base_year < periods.period_year then bases.base_year end
        as trend_from_year,
    case when earlier.nth is not null then earlier.trend_from_value when bases.base_year < periods.period_year then bases.base_value end
        as trend_from_value,
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
inner join tolerances
    on tolerances.is_chosen or (periods.reading = 'primary' and plan.suggested_tolerance_abs > 0 and periods.value is not null)
left join bases
    on periods.plan_version = bases.plan_version and periods.target_id = bases.target_id and periods.reading = bases.reading
left join earlier
    on periods.plan_version = earlier.plan_version and periods.target_id = earlier.target_id
    and periods.reading = earlier.reading and periods.period_id = earlier.period_id and earlier.nth = 1
