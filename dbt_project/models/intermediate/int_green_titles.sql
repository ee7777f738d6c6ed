-- Titles as intervals: from an addition or restoration to the removal that follows. A title is a body's place on the lists of one
-- tier and category; renaming does not end it. Counts are folds of events, never sums of additions.
with turns as (

    select
        events.*,
        lag(action) over (
            partition by tier, category, entity_key order by effective_on, event_id
        ) as action_before
    from {{ ref('int_green_events') }} as events
    where action in ('add', 'restore', 'remove')

),

removals as (

    select tier, category, entity_key, effective_on
    from turns
    where action = 'remove'

),

openings as (

    -- a body listed twice without a removal between holds one title
    select * from turns
    where action <> 'remove' and coalesce(action_before, 'remove') = 'remove'

),

closed as (

    select
        openings.event_id,
        min(removals.effective_on) as valid_to
    from openings
    inner join removals
        on openings.tier = removals.tier
        and openings.category = removals.category
        and openings.entity_key = removals.entity_key
        and openings.effective_on < removals.effective_on
    group by openings.event_id

)

select
    openings.event_id,
    openings.tier,
    openings.category,
    openings.entity_key,
    openings.effective_on as valid_from,
    closed.valid_to,
    openings.uscc,
    openings.name_text,
    openings.province_area_id,
    openings.city_area_id,
    openings.county_area_id,
    openings.evidence_grade,
    openings.data_origin
from openings
left join closed
    on openings.event_id = closed.event_id
