-- How alike the cores of blocked pairs are, 0 to 1, counted in characters. The function is ingest.linkage.similarity.
select
    list_id,
    uscc,
    max(name_similarity(listed_core, register_core)) as similarity
from {{ ref('int_link_pairs') }}
group by list_id, uscc
