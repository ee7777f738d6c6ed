-- Each firm of the frame on each day: member or not, and what its latest valid assessment says. Unknown is not untransformed.
with days as (

    select distinct as_of from {{ ref('int_digital_days') }}

),

frame as (

    select
        days.as_of,
        frame.uscc,
        frame.area_id,
        frame.industry_code,
        frame.row_id as frame_row_id,
        frame.data_origin
    from days
    inner join {{ ref('stg_above_scale_frame') }} as frame
        on frame.entered_on <= days.as_of
        and (frame.exited_on is null or frame.exited_on > days.as_of)

),

valid as (

    select
        days.as_of,
        assessments.uscc,
        assessments.level,
        assessments.row_id as assessment_row_id,
        assessments.data_origin,
        row_number() over (
            partition by days.as_of, assessments.uscc
            order by assessments.assessed_on desc, assessments.level desc, assessments.row_id
        ) as recency
    from days
    inner join {{ ref('stg_digital_assessments') }} as assessments
        on assessments.assessed_on <= days.as_of
        and {{ years_after('assessments.assessed_on', 'cast(' ~ parameter('digital_validity_years') ~ ' as integer)') }} > days.as_of

),

members as (

    select
        days.as_of,
        members.uscc,
        {{ origin_of('members.data_origin') }} as data_origin
    from days
    inner join {{ ref('int_cluster_members') }} as members
        on members.counts_from <= days.as_of
        and (members.valid_to is null or members.valid_to > days.as_of)
    where members.uscc is not null
    group by days.as_of, members.uscc

)

select
    frame.as_of,
    frame.uscc,
    frame.area_id,
    members.uscc is not null as is_in_cluster,
    marine.industry_code is not null as is_marine,
    valid.level,
    frame.frame_row_id,
    valid.assessment_row_id,
    {{ origin_among('frame.data_origin', 'valid.data_origin') }} as data_origin,
    {{ origin_among(origin_among('frame.data_origin', 'valid.data_origin'), 'members.data_origin') }} as in_cluster_origin
from frame
left join valid
    on frame.as_of = valid.as_of and frame.uscc = valid.uscc and valid.recency = 1
left join members
    on frame.as_of = members.as_of and frame.uscc = members.uscc
left join (select distinct industry_code from {{ ref('industry_marine_classes') }} where share = 1) as marine
    on frame.industry_code = marine.industry_code
