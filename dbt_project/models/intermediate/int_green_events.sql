-- One row per granted event on a list, with the body it is about. The body is the enterprise that the printed code or the link of the
-- name says; a branch stays its own body, since what its parent is or where it lies need not hold of a plant. Without either it is the name,
-- and after a renaming still the body of the first name: else no removal under the new name would ever end what was given to the old.
with events as (

    select
        entries.*,
        coalesce(entries.uscc, links.uscc) as known_uscc,
        {{ demo_or_real('entries.data_origin') }} as demo_or_real
    from {{ ref('int_green_entries') }} as entries
    left join {{ ref('int_link_results') }} as links
        on entries.list_id = links.list_id and entries.category <> 'park' and not links.is_branch

),

renamings as (

    select
        tier,
        category,
        demo_or_real,
        new_name_plain as new_name,
        min(name_plain) as old_name
    from events
    where action = 'rename' and new_name_plain is not null and new_name_plain <> name_plain
    group by tier, category, demo_or_real, new_name_plain

),

-- back over as many as four renamings
rooted as (

    select
        events.*,
        coalesce(
            {%- for hop in [4, 3, 2, 1] %}
            hop_{{ hop }}.old_name,
            {%- endfor %}
            events.name_plain
        ) as first_name
    from events
    {%- for hop in [1, 2, 3, 4] %}
    left join renamings as hop_{{ hop }}
        on events.tier = hop_{{ hop }}.tier
        and events.category = hop_{{ hop }}.category
        and events.demo_or_real = hop_{{ hop }}.demo_or_real
        and {{ 'events.name_plain' if hop == 1 else 'hop_' ~ (hop - 1) ~ '.old_name' }} = hop_{{ hop }}.new_name
    {%- endfor %}

),

-- what is known of a body under any of its names
renamed_bodies as (

    select
        tier,
        category,
        demo_or_real,
        first_name,
        min(known_uscc) as uscc,
        min(case when name_plain = first_name then name_normalised end) as name_normalised
    from rooted
    group by tier, category, demo_or_real, first_name
    having max(case when name_plain <> first_name then 1 else 0 end) = 1

)

select
    rooted.event_id,
    rooted.tier,
    rooted.category,
    rooted.batch,
    rooted.action,
    rooted.effective_on,
    rooted.published_on,
    coalesce(rooted.known_uscc, bodies.uscc, bodies.name_normalised, rooted.name_normalised) as entity_key,
    coalesce(rooted.known_uscc, bodies.uscc) as uscc,
    rooted.list_id,
    rooted.name_text,
    rooted.new_name_text,
    rooted.province_area_id,
    rooted.city_area_id,
    rooted.county_area_id,
    rooted.evidence_grade,
    rooted.evidence_text,
    rooted.origin_title,
    rooted.origin_url,
    rooted.source_id,
    rooted.source_sha256,
    rooted.source_locator,
    rooted.data_origin
from rooted
left join renamed_bodies as bodies
    on rooted.tier = bodies.tier
    and rooted.category = bodies.category
    and rooted.demo_or_real = bodies.demo_or_real
    and rooted.first_name = bodies.first_name
