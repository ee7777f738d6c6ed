-- The register as links read it: one row per credit code of the city that bears a name, with the parts of its names.
select
    enterprises.uscc,
    {{ demo_or_real('enterprises.data_origin') }} as demo_or_real,
    enterprises.area_id,
    coalesce(areas.area_level = 'zone', false) as is_in_zone,
    printed.name_core,
    printed.name_form,
    printed.name_places,
    printed.former_name_core
from {{ ref('int_enterprises') }} as enterprises
inner join {{ source('raw', 'enterprises') }} as printed
    on enterprises.row_id = printed.row_id
left join {{ ref('areas') }} as areas
    on enterprises.area_id = areas.area_id
where printed.name_core is not null
