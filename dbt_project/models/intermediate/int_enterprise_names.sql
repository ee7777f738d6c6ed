{{ config(materialized='view') }}
-- One row per credit code and name that it bore: the current one, those of earlier states, and those printed as former names.
with borne as (

    select
        uscc,
        name,
        name_normalised,
        case when is_latest then 1 else 0 end as is_current,
        data_origin
    from {{ ref('dim_enterprise') }}
    union all
    select
        uscc,
        former_name as name,
        former_name_normalised as name_normalised,
        0 as is_current,
        data_origin
    from {{ ref('dim_enterprise') }}
    where former_name_normalised is not null

)

select
    uscc,
    name_normalised,
    min(name) as name_text,
    max(is_current) = 1 as is_current,
    {{ origin_of('data_origin') }} as data_origin
from borne
group by uscc, name_normalised
