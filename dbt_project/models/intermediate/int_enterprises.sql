{{ config(materialized='view') }}
-- One row per credit code: its latest known state, of the registers of the plan's city.
select
    states.uscc,
    states.name_text,
    states.name_normalised,
    states.former_name_text,
    states.former_name_normalised,
    states.status,
    states.area_id,
    city.area_id as city_area_id,
    states.last_seen_on as register_on,
    states.row_id,
    states.source_id,
    states.data_origin
from {{ ref('int_enterprise_states') }} as states
cross join (select area_id from {{ ref('areas') }} where area_level = 'city') as city
where states.is_latest
