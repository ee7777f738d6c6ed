select
    area_id,
    parent_area_id,
    area_level,
    name_zh,
    full_name_zh,
    name_en,
    area_type_zh,
    admin_code,
    is_assigned_industries,
    is_in_wide_scope,
    cast(display_order as integer) as display_order,
    note_zh
from {{ ref('areas') }}
