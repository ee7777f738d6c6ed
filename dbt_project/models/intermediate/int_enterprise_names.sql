{{ config(materialized='view') }}
-- One row per credit code and name that it bore: the current one, those of earlier states, and those printed as former names.
with borne as (

    select
        uscc,
        name_text,
        name_normalised,
        case when is_latest then 1 else 0 end as is_current,
        data_origin
    from {{ ref('int_enterprise_states') }}
    union all
    select
        uscc,
        former_name_text as name_text,
        former_name_normalised as name_normalised,
        0 as is_current,
        data_origin
    from {{ ref('int_enterprise_states') }}
    where former_name_normalised is not null

)

select
    uscc,
    name_normalised,
    min(name_text) as name_text,
    max(is_current) = 1 as is_current,
    {{ origin_of('data_origin') }} as data_origin
from borne
group by uscc, name_normalised
