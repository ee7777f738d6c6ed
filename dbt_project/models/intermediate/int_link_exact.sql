-- Names that are equal: one row per listed name, tier and enterprise. T1 a current name, T2 a former one, or what the list itself calls
-- the former or later name, T3 the parent of a branch.
with keys as (

    select list_id, demo_or_real, 'name' as key_kind, name_plain as name_key
    from {{ ref('int_listed_names') }}
    where name_core is not null
    union all
    select list_id, demo_or_real, 'other' as key_kind, name_aside as name_key
    from {{ ref('int_listed_names') }}
    where name_core is not null and name_aside is not null
    union all
    select list_id, demo_or_real, 'other' as key_kind, renamed_to as name_key
    from {{ ref('int_listed_names') }}
    where name_core is not null and renamed_to is not null
    union all
    select list_id, demo_or_real, 'parent' as key_kind, name_parent as name_key
    from {{ ref('int_listed_names') }}
    where name_core is not null and name_parent is not null

),

borne as (

    select
        keys.list_id,
        keys.key_kind,
        names.uscc,
        names.is_current
    from keys
    inner join {{ ref('int_enterprise_names') }} as names
        on keys.name_key = names.name_normalised
        and keys.demo_or_real = {{ demo_or_real('names.data_origin') }}

),

-- a current name of one firm beats the former name of another
parents as (

    select
        list_id,
        max(case when is_current then 1 else 0 end) as has_current
    from borne
    where key_kind = 'parent'
    group by list_id

)

select distinct list_id, uscc, 'T1' as tier from borne where key_kind = 'name' and is_current
union all
select distinct list_id, uscc, 'T2' as tier from borne
where key_kind = 'other' or (key_kind = 'name' and not is_current)
union all
select distinct borne.list_id, borne.uscc, 'T3' as tier
from borne
inner join parents
    on borne.list_id = parents.list_id
where borne.key_kind = 'parent' and (borne.is_current or parents.has_current = 0)
