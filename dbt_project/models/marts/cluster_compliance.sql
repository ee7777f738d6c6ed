-- Every rule of the plan about every subject that it bears on. The operator of the plan's own table compares; what is only
-- supported, encouraged or preferred is told, and never a violation; what is not known is unknown, not kept.
with observations as (

    select * from {{ ref('int_rule_clusters') }}
    where metric <> 'investment_map_count' or {{ parameter('A12_map_subject') }} = 'cluster'
    union all
    select * from {{ ref('int_rule_others') }}

),

ruled as (

    select
        rules.*,
        observations.subject_type,
        observations.subject_id,
        observations.subject_name,
        observations.observed_number,
        observations.observed_text,
        observations.observed_flag,
        coalesce(observations.is_applicable, true) as is_applicable,
        observations.note as observed_note,
        observations.source_row_ids,
        observations.data_origin,
        -- a threshold that the plan leaves open is a parameter; while it is empty nothing is judged
        case when rules.operator_code = 'param' or rules.threshold = 'param' then parameters.parameter_value
            else rules.threshold end as threshold_used,
        rules.operator_code = 'report' as is_reported_only
    from {{ ref('plan_rules') }} as rules
    inner join observations
        on rules.metric = observations.metric
    left join {{ ref('plan_parameters') }} as parameters
        on rules.rule_id || '_threshold' = parameters.parameter_code

),

judged as (

    select
        *,
        case
            when not is_applicable or is_reported_only then null
            when operator_code in ('le', 'ge', 'eq', 'count', 'param') and observed_flag is null then
                case
                    when {{ try_number('threshold_used') }} is null then null
                    when operator_code = 'le' then observed_number <= {{ try_number('threshold_used') }}
                    when operator_code = 'eq' then observed_number = {{ try_number('threshold_used') }}
                    else observed_number >= {{ try_number('threshold_used') }}
                end
            when operator_code = 'in' and observed_flag is null and metric = 'carrier_type'
                then '|' || threshold_used || '|' like '%|' || observed_text || '|%'
            else observed_flag
        end as is_met,
        modality_code in ('encouraged', 'preferred') as is_only_told,
        is_reported_only or (operator_code in ('eq', 'param', 'ge') and observed_flag is null
            and {{ try_number('threshold_used') }} is null) as is_without_measure
    from ruled

)

select
    plan_version,
    rule_id,
    subject_type,
    subject_id,
    {{ as_of_date() }} as as_of,
    subject_name,
    rule_name_zh,
    modality_zh,
    case
        when not is_applicable or is_without_measure then 'not_applicable'
        when is_met then 'pass'
        when is_met is null then 'unknown'
        when is_only_told then 'not_applicable'
        else 'violation'
    end as result,
    suggested_severity as severity,
    is_met,
    coalesce(
        case when observed_number is not null and observed_text is not null
            then {{ number_text('observed_number') }} || ' (' || observed_text || ')' end,
        observed_text, {{ number_text('observed_number') }}, case when is_applicable and observed_flag then '是' when is_applicable and not observed_flag then '否' end
    ) as observed,
    observed_number,
    threshold_used as threshold,
    nullif(concat_ws(
        ';',
        observed_note,
        case
            when not is_applicable then null
            when is_reported_only then '只统计,不判违'
            when is_without_measure then '方案未给出标准,不判'
            when is_met is null then '未见记录,不知是否符合'
            when not is_met and is_only_told then '支持、鼓励、优先类条款:未达到只提示,不判违'
        end
    ), '') as reason,
    plan_quote,
    nullif(source_row_ids, '') as evidence,
    data_origin
from judged
