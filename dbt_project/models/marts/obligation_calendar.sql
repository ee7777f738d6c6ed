-- What the plan obliges its bodies to do, and when: yearly ones at the year's end, monthly ones at the month's; those without a day
-- in the plan stand once, without one. Done is what a record or a list shows. Where nobody has recorded anything yet, nothing is
-- called late: it is not known.
with obligations as (

    select * from {{ ref('plan_obligations') }}

),

due as (

    select
        obligations.plan_version,
        obligations.obligation_id,
        cast(years.year as {{ dbt.type_string() }}) as period,
        {{ year_start('years.year') }} as period_start,
        {{ year_end('years.year') }} as due_on
    from obligations
    inner join ({{ years(2015, horizon()) }}) as years
        on years.year >= cast({{ parameter('A18_first_quota_year') }} as integer)
        and years.year <= extract(year from {{ as_of_date() }})
    where obligations.frequency_code in ('annual', 'annual_suggested')
    union all
    select obligations.plan_version, obligations.obligation_id, months.month, months.month_start, months.month_end
    from obligations
    inner join ({{ months(2015, horizon()) }}) as months
        on months.month_start >= {{ year_start('cast(' ~ parameter('A18_first_quota_year') ~ ' as integer)') }}
        and months.month_start <= {{ as_of_date() }}
    where obligations.frequency_code like 'monthly%'
    union all
    select plan_version, obligation_id, frequency_code, null, null
    from obligations
    where frequency_code not in ('annual', 'annual_suggested') and frequency_code not like 'monthly%'

),

records as (

    select *
    from {{ ref('int_standing_records') }}
    where item = 'obligation_done'

),

done as (

    select
        due.plan_version,
        due.obligation_id,
        due.period,
        min(records.effective_on) as done_on,
        max(records.effective_on) as last_done_on,
        {{ string_list('records.value_text', 'records.effective_on, records.row_id') }} as artifact_seen,
        {{ string_list('records.row_id', 'records.effective_on, records.row_id') }} as source_row_ids,
        {{ origin_of('records.data_origin') }} as data_origin
    from due
    inner join records
        on due.obligation_id = records.subject_code
        and (due.due_on is null or records.effective_on between due.period_start and due.due_on)
    group by due.plan_version, due.obligation_id, due.period

),

-- an obligation that is a yearly target as well is done when the target's figure of that year is not nothing
quotas as (

    select
        obligations.plan_version,
        obligations.obligation_id,
        progress.period,
        progress.source_row_ids,
        progress.data_origin
    from obligations
    inner join {{ ref('plan_progress') }} as progress
        on obligations.plan_version = progress.plan_version
        and obligations.note_zh = '=' || progress.target_id
        and progress.value > 0

),

judged as (

    select
        due.*,
        done.done_on,
        done.last_done_on,
        done.artifact_seen,
        coalesce(done.source_row_ids, quotas.source_row_ids) as source_row_ids,
        coalesce(done.data_origin, quotas.data_origin) as data_origin,
        case
            when done.obligation_id is not null or quotas.obligation_id is not null then 'done'
            when due.due_on is null then 'no_record'
            when due.due_on >= {{ as_of_date() }}
                and {{ dbt.datediff(as_of_date(), 'due.due_on', 'day') }} <= cast({{ parameter('obligation_due_soon_days') }} as integer)
                then 'due_soon'
            when due.due_on >= {{ as_of_date() }} then 'not_due'
            when (select count(*) from records) = 0 then 'no_record'
            else 'overdue'
        end as status
    from due
    left join done
        on due.plan_version = done.plan_version and due.obligation_id = done.obligation_id and due.period = done.period
    left join quotas
        on due.plan_version = quotas.plan_version and due.obligation_id = quotas.obligation_id and due.period = quotas.period

)

select
    judged.plan_version,
    judged.obligation_id,
    judged.period,
    judged.due_on,
    obligations.name_zh,
    obligations.frequency_code as frequency,
    judged.status,
    obligations.owner_zh as owner,
    obligations.artifact_zh as artifact,
    judged.done_on,
    judged.last_done_on,
    judged.artifact_seen,
    cast(case when judged.status = 'overdue' then {{ dbt.datediff('judged.due_on', as_of_date(), 'day') }} end as integer) as days_late,
    nullif(concat_ws(
        ';',
        case when judged.due_on is null then '方案未给出时限:' || obligations.frequency_zh end,
        case when obligations.frequency_code like '%suggested' then '频次为建议:' || obligations.frequency_zh end,
        case when judged.status = 'no_record' then '未见完成记录,不知是否已办' end
    ), '') as reason,
    obligations.plan_quote,
    judged.source_row_ids,
    coalesce(
        judged.data_origin,
        case when judged.status = 'overdue' then (select {{ origin_of('data_origin') }} from records) end,
        'published'
    ) as data_origin
from judged
inner join obligations
    on judged.plan_version = obligations.plan_version and judged.obligation_id = obligations.obligation_id
