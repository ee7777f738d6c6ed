-- One row per name that a list prints, in its place: what is to be linked to an enterprise. A park is none, and is not here.
with targets as (

    select
        tier,
        min(target_id) as target_id,
        min(target_value) as target_value
    from {{ ref('plan_targets') }}
    where plan_version = {{ parameter('plan_version') }} and indicator_code = 'green_unit_count'
    group by tier

),

clusters as (

    select
        cluster_id,
        min(area_id) as area_id
    from {{ ref('stg_cluster_titles') }}
    group by cluster_id

),

printed as (

    select
        'green' as list_kind,
        name_text,
        name_normalised,
        name_plain,
        name_aside,
        name_parent,
        name_core,
        name_form,
        name_places,
        uscc as uscc_printed,
        county_area_id,
        case
            when action not in ('add', 'restore') then null
            when tier = 'municipal' then 'municipal'
            else 'provincial_or_above'
        end as target_tier,
        event_id as row_id,
        data_origin
    from {{ ref('int_green_entries') }}
    where city_area_id is not null and category <> 'park'
    union all
    -- a member lies where its cluster does
    select
        'cluster_member' as list_kind,
        members.name_text,
        members.name_normalised,
        members.name_plain,
        members.name_aside,
        members.name_parent,
        members.name_core,
        members.name_form,
        members.name_places,
        members.uscc as uscc_printed,
        clusters.area_id as county_area_id,
        null as target_tier,
        members.row_id,
        members.data_origin
    from {{ ref('stg_cluster_members') }} as members
    left join clusters
        on members.cluster_id = clusters.cluster_id
    union all
    select
        'cluster_leader' as list_kind,
        leader_name as name_text,
        leader_name_normalised,
        leader_name_plain,
        leader_name_aside,
        leader_name_parent,
        leader_name_core,
        leader_name_form,
        leader_name_places,
        leader_uscc as uscc_printed,
        area_id as county_area_id,
        null as target_tier,
        row_id,
        data_origin
    from {{ ref('stg_cluster_titles') }}
    where leader_name is not null

),

-- what a later line of the same lists says that a name became
renamed as (

    select
        name_plain,
        {{ demo_or_real('data_origin') }} as demo_or_real,
        min(new_name_plain) as renamed_to
    from {{ ref('int_green_entries') }}
    where action = 'rename' and new_name_plain is not null and city_area_id is not null
    group by name_plain, {{ demo_or_real('data_origin') }}
    having count(distinct new_name_plain) = 1

),

named as (

    select
        printed.*,
        {{ demo_or_real('data_origin') }} as demo_or_real,
        {{ list_id('list_kind', 'name_normalised', 'name_aside', 'county_area_id', 'uscc_printed', 'data_origin') }} as list_id
    from printed

),

grouped as (

    select
        named.list_id,
        named.list_kind,
        min(named.name_text) as name_text,
        named.name_normalised,
        named.name_plain,
        named.name_aside,
        named.name_parent,
        named.name_core,
        named.name_form,
        named.name_places,
        named.uscc_printed,
        named.county_area_id,
        named.demo_or_real,
        count(*) as entry_count,
        {{ string_list('named.row_id', 'named.row_id') }} as source_row_ids,
        max(1 / targets.target_value) as effect,
        min(targets.target_id) as first_target,
        max(targets.target_id) as last_target,
        {{ origin_of('named.data_origin') }} as data_origin
    from named
    left join targets
        on named.target_tier = targets.tier
    group by
        named.list_id, named.list_kind, named.name_normalised, named.name_plain, named.name_aside, named.name_parent,
        named.name_core, named.name_form, named.name_places, named.uscc_printed, named.county_area_id,
        named.demo_or_real

)

select
    grouped.list_id,
    grouped.list_kind,
    grouped.name_text,
    grouped.name_normalised,
    grouped.name_plain,
    grouped.name_aside,
    grouped.name_parent,
    grouped.name_core,
    grouped.name_form,
    grouped.name_places,
    renamed.renamed_to,
    grouped.uscc_printed,
    grouped.county_area_id,
    coalesce(areas.area_level = 'zone', false) as is_in_zone,
    -- where the list names no county, the name itself may
    coalesce(
        case when areas.area_level <> 'city' then grouped.county_area_id end,
        nullif(split_part(grouped.name_places, '/', 3), '')
    ) as place_area_id,
    grouped.demo_or_real,
    concat_ws(
        '|', grouped.name_text, coalesce(grouped.name_aside, '-'), coalesce(grouped.county_area_id, '-'),
        coalesce(grouped.uscc_printed, '-')
    ) as listed_as,
    grouped.entry_count,
    grouped.source_row_ids,
    cast(coalesce(grouped.effect, 0) as double) as effect,
    case
        when grouped.first_target <> grouped.last_target then grouped.first_target || ';' || grouped.last_target
        else grouped.first_target
    end as effect_targets,
    grouped.data_origin
from grouped
left join {{ ref('areas') }} as areas
    on grouped.county_area_id = areas.area_id
left join renamed
    on grouped.name_plain = renamed.name_plain and grouped.demo_or_real = renamed.demo_or_real
