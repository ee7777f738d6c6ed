-- The register as links read it: one row per credit code whose name any listed name could mean, with the parts of its names. Of a
-- register of a million that is a few thousand: those whose core shares two of its first three characters with a listed core, by which
-- all that follows is joined, and those that an equal name found.
with listed as (

    select distinct name_core from {{ ref('int_listed_names') }}
    where name_core is not null

),

wanted as (

    select substr(name_core, 1, 2) as block from listed
    union
    select substr(name_core, 1, 1) || substr(name_core, 3, 1) as block from listed
    union
    select substr(name_core, 2, 2) as block from listed

),

printed as (

    select row_id, name_core, name_form, name_places, former_name_core
    from {{ source('raw', 'enterprises') }}
    where name_core is not null
        and (
            uscc in (select uscc from {{ ref('int_link_exact') }})
            {%- for core in ('name_core', 'former_name_core') %}
            or substr({{ core }}, 1, 2) in (select block from wanted)
            or substr({{ core }}, 1, 1) || substr({{ core }}, 3, 1) in (select block from wanted)
            or substr({{ core }}, 2, 2) in (select block from wanted)
            {%- endfor %}
        )

)

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
inner join printed
    on enterprises.row_id = printed.row_id
left join {{ ref('areas') }} as areas
    on enterprises.area_id = areas.area_id
