select
    list_id,
    choice,
    uscc,
    verdict,
    decided_by,
    decided_at,
    reason,
    listed_as,
    enterprise_as,
    is_questioned,
    questioned_because,
    is_listed,
    data_origin
from {{ ref('int_link_decisions') }}
