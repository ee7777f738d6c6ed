-- The same assessment under every reading of the plan that its wording leaves open: the primary one and, one by one, the others.
select
    assessed.plan_version,
    assessed.target_id,
    assessed.period_id as period,
    assessed.reading,
    case when assessed.reading = 'primary' then '采用的读法' else readings.label_zh end as reading_label_zh,
    assessed.reading = 'primary' as is_primary,
    assessed.value,
    cast(assessed.target_value as double) as target_value,
    assessed.unit,
    assessed.base_value,
    assessed.base_period,
    assessed.tolerance,
    assessed.ratio,
    assessed.status,
    case
        when assessed.status = 'not_achieved' and assessed.is_effort then {{ parameter('A11_effort_colour') }}
        else statuses.rag
    end as rag,
    assessed.note as reason,
    assessed.source_row_ids,
    assessed.data_origin
from {{ ref('int_target_assessment') }} as assessed
inner join {{ ref('assessment_statuses') }} as statuses
    on assessed.status = statuses.status
left join {{ ref('plan_readings') }} as readings
    on assessed.reading = substr(readings.parameter_code, 1, 3) || '=' || readings.reading
