-- One row per cluster that holds a title on the day of the night, its particulars from its titles, the highest first.
select
    cluster_id,
    coalesce(max(case when nth = 1 then cluster_name end), max(cluster_name)) as cluster_name,
{%- for column in ['city_area_id', 'area_id', 'industry_text', 'family_id', 'industry_class', 'land_area_km2', 'carrier_text', 'management_body', 'leader_name'] %}
    coalesce(max(case when nth = 1 then {{ column }} end), max({{ column }})) as {{ column }},
{%- endfor %}
    min(recognised_on) as first_recognised_on,
    max(case when tier = 'provincial' then recognised_on end) as provincial_on,
    min(case when tier = 'municipal' then recognised_on end) as municipal_on,
    max(case when is_registered then 1 else 0 end) = 1 as is_registered,
    max(case when has_alliance then 1 else 0 end) = 1 as has_alliance,
    {{ string_list('title_id', 'title_id') }} as source_row_ids,
    {{ origin_of('data_origin') }} as data_origin
from {{ ref('int_clusters') }}
where is_active
group by cluster_id
