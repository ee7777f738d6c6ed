-- A list's date and address stand in its notice where the list itself prints none.
with entries as (

    select * from {{ source('raw', 'green_list_entries') }}

),

notices as (

    select * from {{ source('raw', 'green_notices') }}

)

select
    entries.row_id,
    entries.tier,
    entries.category,
    entries.batch,
    entries.action,
    entries.status,
    coalesce(entries.effective_on, entries.published_on, notices.published_on) as effective_on,
    coalesce(entries.published_on, notices.published_on) as published_on,
    entries.region_text,
    entries.county_area_text,
    entries.county_area_id,
    entries.name_text,
    entries.name_normalised,
    entries.name_plain,
    entries.name_aside,
    entries.name_parent,
    entries.name_core,
    entries.name_form,
    entries.name_places,
    entries.new_name_text,
    entries.new_name_normalised,
    entries.new_name_plain,
    entries.uscc,
    entries.industry_text,
    coalesce(entries.list_title, entries.origin_title, notices.origin_title) as origin_title,
    coalesce(entries.origin_url, notices.origin_url) as origin_url,
    entries.source_id,
    entries.source_sha256,
    entries.source_locator,
    entries.data_origin
from entries
left join notices
    on entries.tier = 'national'
    and entries.category = notices.category
    and entries.batch = notices.batch
