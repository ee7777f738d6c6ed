-- Enterprises of the same core and form as a listed name that no equal name settles.
with exact as (

    select distinct list_id from {{ ref('int_link_exact') }} where tier in ('T1', 'T2')

)

select
    listed.list_id,
    register.uscc,
    coalesce(listed.place_area_id = register.area_id, false) as is_same_county,
    {{ is_contrary('listed.name_places', 'register.name_places') }} as is_contrary
from {{ ref('int_listed_names') }} as listed
inner join {{ ref('int_link_register') }} as register
    on listed.name_core = register.name_core
    and listed.name_form = register.name_form
    and listed.demo_or_real = register.demo_or_real
left join exact
    on listed.list_id = exact.list_id
where exact.list_id is null
