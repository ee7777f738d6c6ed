{{ config(materialized='view') }}
-- One row per credit code: its last known state, of the registers of the plan's city.
select
    enterprises.uscc,
    enterprises.name as name_text,
    enterprises.name_normalised,
    enterprises.former_name as former_name_text,
    enterprises.former_name_normalised,
    enterprises.status,
    enterprises.area_id,
    city.area_id as city_area_id,
    enterprises.last_seen_on as register_on,
    enterprises.row_id,
    enterprises.source_id,
    enterprises.data_origin
from {{ ref('dim_enterprise') }} as enterprises
cross join (select area_id from {{ ref('areas') }} where area_level = 'city') as city
where enterprises.is_latest
