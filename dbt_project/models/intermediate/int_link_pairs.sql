-- Pairs worth scoring: a listed name that neither code nor rule settles and an enterprise whose core shares two of the first three characters in their order.
with unsettled as (

    select listed.list_id, listed.name_core, listed.demo_or_real
    from {{ ref('int_listed_names') }} as listed
    left join {{ ref('int_link_rules') }} as rules
        on listed.list_id = rules.list_id
    -- one that a person settled is scored as before: asked again, the person sees the same candidates
    where rules.list_id is null and listed.uscc_printed is null and listed.name_core is not null

),

listed_keys as (

    select list_id, name_core, demo_or_real, substr(name_core, 1, 2) as block from unsettled
    union
    select list_id, name_core, demo_or_real, substr(name_core, 1, 1) || substr(name_core, 3, 1) as block from unsettled
    union
    select list_id, name_core, demo_or_real, substr(name_core, 2, 2) as block from unsettled

),

cores as (

    select uscc, demo_or_real, name_core from {{ ref('int_link_register') }}
    union all
    select uscc, demo_or_real, former_name_core as name_core
    from {{ ref('int_link_register') }}
    where former_name_core is not null

),

wanted as (

    select distinct block from listed_keys

),

-- the register's three keys, of which only those that some name asks for go on
register_keys as (

    select cores.uscc, cores.demo_or_real, cores.name_core, wanted.block
    from cores
    inner join wanted
        on substr(cores.name_core, 1, 2) = wanted.block
    union all
    select cores.uscc, cores.demo_or_real, cores.name_core, wanted.block
    from cores
    inner join wanted
        on substr(cores.name_core, 1, 1) || substr(cores.name_core, 3, 1) = wanted.block
    union all
    select cores.uscc, cores.demo_or_real, cores.name_core, wanted.block
    from cores
    inner join wanted
        on substr(cores.name_core, 2, 2) = wanted.block

)

select distinct
    listed_keys.list_id,
    register_keys.uscc,
    listed_keys.name_core as listed_core,
    register_keys.name_core as register_core
from listed_keys
inner join register_keys
    on listed_keys.block = register_keys.block
    and listed_keys.demo_or_real = register_keys.demo_or_real
    and abs(length(listed_keys.name_core) - length(register_keys.name_core)) <= 3
