-- The return that stands of every line and month: the latest one. A line on which nothing was filled in is no return. Once a body has
-- returned anything, the demo ledger is out.
with filled as (

    select
        body_id,
        task_id,
        action_id,
        period_id as month,
        planned_pct,
        reported_pct,
        due_on,
        submitted_on,
        evidence_text,
        remark,
        row_id,
        snapshot_on,
        source_id,
        source_sha256,
        source_locator,
        data_origin
    from {{ source('raw', 'ledger_returns') }}
    where planned_pct is not null or reported_pct is not null

),

ranked as (

    select
        *,
        row_number() over (
            partition by body_id, task_id, action_id, month
            order by
                coalesce(submitted_on, snapshot_on) desc, snapshot_on desc, source_sha256,
                {{ row_number_of('source_locator') }} desc nulls last, row_id desc
        ) as nth
    from filled
    where data_origin <> 'demo'
        or not exists (select 1 from filled as others where others.data_origin <> 'demo')

)

select * from ranked where nth = 1
