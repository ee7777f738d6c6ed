-- Where the figures of the marts stand in print: one row per figure or list row that a mart may name in source_row_ids.
select
    figure_id as provenance_id,
    'indicator_figures' as dataset,
    source_id,
    source_sha256,
    source_locator,
    value_text,
    unit_text,
    area_text || ' ' || indicator_text || coalesce(' ' || period_id, '') as about,
    vintage_text,
    origin_title,
    origin_url,
    published_on,
    published_precision,
    data_origin
from {{ ref('stg_indicator_figures') }}
union all
select
    row_id,
    'cluster_titles',
    source_id,
    source_sha256,
    source_locator,
    cluster_name,
    null,
    tier || ' ' || coalesce(industry_text, ''),
    null,
    origin_title,
    origin_url,
    published_on,
    null,
    data_origin
from {{ ref('stg_cluster_titles') }}
union all
select
    event_id,
    'green_list_entries',
    source_id,
    source_sha256,
    source_locator,
    name_text,
    null,
    tier || ' ' || category || ' ' || action,
    null,
    origin_title,
    origin_url,
    published_on,
    null,
    data_origin
from {{ ref('int_green_events') }}
