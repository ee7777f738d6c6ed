-- One row per title of a cluster that speaks for the city, with the family and class of its leading industry (A22: the plan's class,
-- else the province's, else unclassified). Once a register was handed in, the demo one is out, and so are published lists of its tiers.
with titles as (

    select *
    from {{ ref('stg_cluster_titles') }}
    where not is_registered_elsewhere
        and (
            data_origin <> 'demo'
            or not exists (
                select 1 from {{ ref('stg_cluster_titles') }} as others where others.data_origin = 'submitted'
            )
        )

),

labels as (

    select
        item_name_zh as label,
        min(split_part(family_id, '|', 1)) as family_id
    from {{ ref('plan_industries') }}
    where plan_version = {{ parameter('plan_version') }} and family_id is not null
    group by item_name_zh
    union
    select family_name_zh, family_id
    from {{ ref('plan_industry_families') }}
    where plan_version = {{ parameter('plan_version') }}

),

family_of as (

    select label, min(family_id) as family_id from labels group by label

),

classed as (

    select
        titles.*,
        family_of.family_id,
        case
            when families.class_in_plan in ('emerging', 'future', 'traditional') then families.class_in_plan
            when families.class_in_shandong_2024_release in ('emerging', 'traditional')
                then families.class_in_shandong_2024_release
            else 'unclassified'
        end as industry_class,
        row_number() over (
            partition by titles.cluster_id
            order by case when titles.tier = 'provincial' then 0 else 1 end, titles.recognised_on desc nulls last, titles.row_id
        ) as nth
    from titles
    left join family_of on titles.industry_text = family_of.label
    left join {{ ref('plan_industry_families') }} as families
        on family_of.family_id = families.family_id and families.plan_version = {{ parameter('plan_version') }}

)

select
    row_id as title_id,
    cluster_id,
    cluster_name,
    tier,
    status,
    city_area_id,
    area_id,
    industry_text,
    family_id,
    industry_class,
    recognised_on,
    case when status in ('granted', 'revoked') then cast(extract(year from recognised_on) as integer) end as recognised_year,
    revoked_on,
    status in ('granted', 'revoked') and recognised_on <= {{ as_of_date() }}
        and (revoked_on is null or revoked_on > {{ as_of_date() }}) as is_active,
    land_area_km2,
    carrier_text,
    management_body,
    leader_name,
    has_alliance,
    -- a published list has no column for what a register tells: a blank there is unknown, in a register it is none
    data_origin <> 'published' as is_registered,
    cast(nth as integer) as nth,
    data_origin
from classed
