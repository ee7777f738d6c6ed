select
    code_with_section as industry_code,
    section,
    division,
    grp as industry_group,
    cls as industry_class,
    cast(level as integer) as level,
    name as name_zh
from {{ ref('industry_codes') }}
