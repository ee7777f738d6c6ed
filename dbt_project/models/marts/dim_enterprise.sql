-- One row per credit code and state that registers printed of it. The first known state counts from the firm's establishment, since
-- nothing earlier is known; known_from says since when it is known.
with tonight as (

    select {{ as_of_date() }} as as_of

),

frame as (

    select distinct frame.uscc
    from {{ ref('stg_above_scale_frame') }} as frame
    cross join tonight
    where frame.entered_on <= tonight.as_of
        and (frame.exited_on is null or frame.exited_on > tonight.as_of)

),

-- of a world, demo or real, without a frame it is not known who is in it
framed as (

    select distinct {{ demo_or_real('data_origin') }} as world from {{ ref('stg_above_scale_frame') }}

),

-- a successor may have been merged itself: the last of the line stands for all before it, over four mergers
merged as (

    select uscc, successor_uscc
    from {{ ref('int_enterprise_states') }}
    where is_latest and successor_uscc is not null and successor_uscc <> uscc

),

line as (

    select
        merged.uscc,
        coalesce(s3.successor_uscc, s2.successor_uscc, s1.successor_uscc, merged.successor_uscc) as last_uscc
    from merged
    left join merged as s1 on merged.successor_uscc = s1.uscc
    left join merged as s2 on s1.successor_uscc = s2.uscc
    left join merged as s3 on s2.successor_uscc = s3.uscc

),

marine as (

    select
        industry_code,
        {{ string_list('ocean_class', 'ocean_class') }} as marine_classes
    from {{ ref('industry_marine_classes') }}
    group by industry_code

)

select
    states.uscc,
    case
        when states.run = 1 and states.established_on < states.known_from then states.established_on
        else states.known_from
    end as valid_from,
    case when states.ends_on < {{ far_future() }} then states.ends_on end as valid_to,
    states.known_from,
    states.last_seen_on,
    states.is_latest,
    states.is_latest and not states.is_absent_after as is_current,
    case
        when states.is_absent_after then 'absent_from_register'
        when not states.is_latest then 'changed'
    end as ended_by,
    states.name_text as name,
    states.name_normalised,
    states.former_name_text as former_name,
    states.former_name_normalised,
    states.enterprise_type,
    states.status,
    states.established_on,
    states.cancelled_on,
    states.successor_uscc,
    case when line.last_uscc <> states.uscc then line.last_uscc end as final_successor_uscc,
    states.area_id,
    states.industry_code,
    marine.marine_classes,
    states.is_two_high,
    case when framed.world is not null then frame.uscc is not null end as is_above_scale,
    states.row_id,
    states.source_id,
    states.data_origin
from {{ ref('int_enterprise_states') }} as states
left join frame
    on states.uscc = frame.uscc
left join framed
    on {{ demo_or_real('states.data_origin') }} = framed.world
left join line
    on states.uscc = line.uscc
left join marine
    on states.industry_code = marine.industry_code
