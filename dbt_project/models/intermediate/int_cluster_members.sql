-- Membership of enterprises in clusters, dated: one row per line of a register of members. It counts from the day that the firm was in
-- and the cluster recognised, and ends with the firm's exit or with the last title of the cluster. A name without a code is the
-- enterprise that it is linked to, a branch excepted.
with clusters as (

    select
        cluster_id,
        min(area_id) as area_id,
        min(case when status in ('granted', 'revoked') then recognised_on end) as recognised_on,
        case
            when count(case when status = 'granted' and revoked_on is null then 1 end) = 0 then max(revoked_on)
        end as revoked_on
    from {{ ref('stg_cluster_titles') }}
    group by cluster_id

),

members as (

    select
        members.*,
        clusters.recognised_on,
        clusters.revoked_on,
        {{ list_id("'cluster_member'", 'members.name_normalised', 'members.name_aside', 'clusters.area_id', 'members.uscc', 'members.data_origin') }}
            as list_id
    from {{ ref('stg_cluster_members') }} as members
    left join clusters
        on members.cluster_id = clusters.cluster_id

)

select
    members.row_id,
    members.cluster_id,
    members.list_id,
    coalesce(members.uscc, links.uscc) as uscc,
    members.name_text,
    members.name_normalised,
    members.valid_from,
    case when members.recognised_on is not null then greatest(members.valid_from, members.recognised_on) end as counts_from,
    case
        when members.revoked_on < coalesce(members.valid_to, {{ far_future() }}) then members.revoked_on
        else members.valid_to
    end as valid_to,
    case
        when members.revoked_on < coalesce(members.valid_to, {{ far_future() }}) then 'cluster_revoked'
        when members.valid_to is not null then 'left'
    end as ended_by,
    members.evidence_text,
    members.source_id,
    members.source_locator,
    members.data_origin
from members
left join {{ ref('int_link_results') }} as links
    on members.list_id = links.list_id and not links.is_branch
