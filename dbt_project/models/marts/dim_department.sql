select
    plan_version,
    dept_id,
    short_name_zh,
    full_name_zh,
    name_en,
    org_type_zh,
    full_name_source
from {{ ref('plan_departments') }}
