-- One fact a line. A text is a number or a yes or no only where it says nothing else.
select
    row_id,
    subject_code,
    item,
    item_text,
    value_text,
    {{ try_number("replace(value_text, ',', '')") }} as value,
    case when value_text in ('是', '有', '已') then true when value_text in ('否', '无', '未') then false end as value_flag,
    effective_on,
    until_on,
    document_no,
    document_on,
    note,
    snapshot_on,
    source_id,
    source_sha256,
    source_locator,
    data_origin
from {{ source('raw', 'plan_records') }}
