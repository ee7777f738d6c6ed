-- Credit codes that stand on several lines of registers: one row per code.
select uscc
from {{ ref('stg_enterprises') }}
group by uscc
having count(*) > 1
