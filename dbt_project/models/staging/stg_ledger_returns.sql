select
    dept_id,
    task_id,
    month,
    planned_pct,
    reported_pct,
    submitted_on,
    remark,
    row_id,
    source_id,
    source_sha256,
    source_locator,
    data_origin
from {{ source('raw', 'ledger_returns') }}
