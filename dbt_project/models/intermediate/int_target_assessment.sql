-- The fixed method for "on track": first whether the target is met, by its operator; then, at the target year, whether it was
-- missed; only then the ratio. The formulas are in macros/progress.sql, the thresholds in the seed plan_parameters.
with inputs as (

    select * from {{ ref('int_target_inputs') }}

),

measured as (

    select
        *,
        case
            when value is null or target_value is null then null
            when operator_code = 'gt' then value > target_value
            when operator_code = 'lt' then value < target_value
            when operator_code = 'le' then value <= target_value
            else value >= target_value
        end as is_met,
        case
            when tolerance is null or value is null then false
            when direction = 1 then value >= target_value - tolerance
            else value <= target_value + tolerance
        end as is_within_tolerance,
        coalesce(period_year >= target_year, false) and method <> 'annual_quota' as is_final,
        case
            when method = 'cagr_ratio' then {{ cagr_ratio(
                'base_value', 'base_year', 'value', 'period_year', 'target_value', 'target_year', 'direction'
            ) }}
            when method in ('linear_pace', 'coverage_all') then {{ linear_ratio(
                'base_value', 'base_year', 'value', 'period_year', 'target_value', 'target_year', 'direction'
            ) }}
            when method = 'annual_threshold' then value / nullif(target_value, 0)
        end as exact_ratio
    from inputs

),

assessed as (

    select
        *,
        case
            when method = 'not_quantified' then 'not_assessable'
            when method = 'annual_quota' then
                case
                    when is_met then 'achieved'
                    when is_before_decision then 'not_due'
                    when value is null then 'no_data'
                    when is_within_tolerance then 'basically_achieved'
                    else 'not_achieved'
                end
            when value is null then 'no_data'
            when method = 'annual_threshold' and is_before_first_assessed_year then 'not_assessable'
            when is_met then 'achieved'
            when is_within_tolerance then 'basically_achieved'
            when is_final then 'not_achieved'
            when method = 'maintain' then
                case
                    when base_value is null or base_year >= period_year then 'not_assessable'
                    when value >= base_value - cast({{ parameter('maintain_tolerance_pp') }} as double)
                        then 'on_track'
                    else 'acceleration_needed'
                end
            when exact_ratio is null then 'not_assessable'
            when exact_ratio < 0 then 'deterioration'
            when exact_ratio < cast({{ parameter('ratio_acceleration') }} as double) then 'limited_progress'
            when exact_ratio < cast({{ parameter('ratio_on_track') }} as double) then 'acceleration_needed'
            else 'on_track'
        end as status
    from measured

)

select
    *,
    round(exact_ratio, 6) as ratio
from assessed
