-- One row per cluster: the highest title it holds, else the highest it held or was proposed for, with its latest particulars.
with ranked as (

    select
        *,
        row_number() over (
            partition by cluster_id
            order by
                case when status = 'granted' then 0 else 1 end,
                case when tier = 'provincial' then 0 else 1 end,
                recognised_on desc nulls last,
                row_id
        ) as nth
    from {{ ref('stg_cluster_titles') }}
    where not is_registered_elsewhere

),

members as (

    select cluster_id, count(distinct coalesce(uscc, name_normalised)) as members
    from {{ ref('int_cluster_members') }}
    where valid_from <= {{ as_of_date() }} and (valid_to is null or valid_to > {{ as_of_date() }})
    group by cluster_id

)

select
    ranked.cluster_id,
    ranked.cluster_name,
    ranked.tier as highest_tier,
    ranked.status,
    ranked.city_area_id,
    ranked.area_id,
    ranked.industry_text,
    ranked.land_area_km2,
    ranked.carrier_text,
    ranked.management_body,
    ranked.leader_name,
    ranked.leader_uscc,
    ranked.has_alliance,
    cast(members.members as integer) as members,
    ranked.source_id,
    ranked.data_origin
from ranked
left join members
    on ranked.cluster_id = members.cluster_id
where ranked.nth = 1
