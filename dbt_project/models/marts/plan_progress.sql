-- One row per plan version, target and period, with every component of its assessment, so that the status can be worked out by hand.
with explained as (

    select
        *,
        case
            when method = 'not_quantified' then no_data_reason_zh
            when status = 'no_data' then no_data_reason_zh
            when status = 'not_due' then '评选决定日未到'
            when method = 'annual_threshold' and is_before_first_assessed_year then '早于首个评估年度,仅作参考'
            when status = 'not_assessable' and base_value is null then '缺基期值'
            when status = 'not_assessable' and base_year >= period_year then '不足两个年度,无法评估进度'
            when status = 'not_assessable' then '基期值不适用于该方法'
        end as why
    from {{ ref('int_target_assessment') }}
    where reading = 'primary'

)

select
    explained.plan_version,
    explained.target_id,
    explained.indicator_code,
    explained.scope,
    explained.tier,
    explained.operator_code as operator,
    cast(explained.target_value as double) as target_value,
    explained.unit,
    cast(explained.target_year as integer) as target_year,
    explained.period_id as period,
    explained.value,
    explained.published_value,
    explained.vintage as value_vintage,
    explained.published_on as value_published_on,
    explained.base_value,
    explained.base_period,
    explained.base_vintage,
    explained.method,
    explained.ratio,
    round(explained.value - explained.target_value, 6) as gap,
    round(
        case
            when explained.is_met or explained.period_year >= explained.target_year then null
            when explained.method = 'cagr_ratio' and explained.value > 0
                then 100 * (power(explained.target_value / explained.value, cast(1 as double) / (explained.target_year - explained.period_year)) - 1)
            when explained.method in ('linear_pace', 'coverage_all', 'maintain')
                then (explained.target_value - explained.value) / (explained.target_year - explained.period_year)
        end, 6
    ) as required_per_year,
    round({{ projected('explained') }}, 6) as projected_value,
    case when {{ projected('explained') }} is not null then 'mean_annual_change' end as projection_method,
    case when {{ projected('explained') }} is not null then explained.trend_from_period end as projection_from,
    round({{ projected('explained') }} - explained.target_value, 6) as projected_gap,
    explained.status,
    -- an effort target missed once is a warning, not a failure (A11)
    case
        when explained.status = 'not_achieved' and explained.is_effort then {{ parameter('A11_effort_colour') }}
        else statuses.rag
    end as rag,
    nullif(concat_ws(';', explained.why, explained.note), '') as reason,
    {{ parameter('thresholds_version') }} as thresholds_version,
    explained.base_reason_zh as base_reason,
    explained.is_proxy,
    explained.source_row_ids,
    explained.base_source_row_ids,
    explained.data_origin
from explained
inner join {{ ref('assessment_statuses') }} as statuses
    on explained.status = statuses.status
