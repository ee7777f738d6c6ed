-- One row per granted event on a list, with the body it is about. The body is the enterprise that the printed code or the link of the
-- name says; a branch stays its own body, since what its parent is or where it lies need not hold of a plant.
select
    entries.event_id,
    entries.tier,
    entries.category,
    entries.batch,
    entries.action,
    entries.effective_on,
    entries.published_on,
    coalesce(entries.uscc, links.uscc, entries.name_normalised) as entity_key,
    coalesce(entries.uscc, links.uscc) as uscc,
    entries.list_id,
    entries.name_text,
    entries.new_name_text,
    entries.province_area_id,
    entries.city_area_id,
    entries.county_area_id,
    entries.evidence_grade,
    entries.evidence_text,
    entries.origin_title,
    entries.origin_url,
    entries.source_id,
    entries.source_sha256,
    entries.source_locator,
    entries.data_origin
from {{ ref('int_green_entries') }} as entries
left join {{ ref('int_link_results') }} as links
    on entries.list_id = links.list_id and entries.category <> 'park' and not links.is_branch
