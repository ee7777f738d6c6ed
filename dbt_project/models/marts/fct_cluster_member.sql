-- Who was in which cluster, from when to when, and by what evidence. A firm of unknown code stands with its name alone.
select
    row_id as member_id,
    cluster_id,
    uscc,
    name_text as name,
    valid_from,
    counts_from,
    valid_to,
    ended_by,
    evidence_text,
    source_id,
    source_locator,
    data_origin
from {{ ref('int_cluster_members') }}
