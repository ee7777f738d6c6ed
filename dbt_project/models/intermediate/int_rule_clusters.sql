-- What is observed of every active cluster, for the rules of the plan: one row per metric and cluster. A number, a text or a
-- yes-or-no, null where it is not known; whether that meets the rule is said by cluster_compliance, from the plan's own table.
with clusters as (

    select * from {{ ref('int_active_clusters') }}

),

standing as (

    select * from {{ ref('int_standing_records') }} where nth = 1 and is_in_force

),

{#- the standing records of a cluster, side by side: their words, their numbers, their yes or no, and where they stand -#}
{%- set items = [
    'standard_version', 'conforms_economic_plan', 'conforms_land_plan', 'conforms_special_plan', 'has_management',
    'has_clear_boundary', 'has_distinct_industry', 'has_infrastructure', 'enlargement_applied', 'is_built_out',
    'is_land_intensive', 'effluent_standard', 'has_central_sewage', 'outfalls', 'outfalls_online',
    'central_gas_heat_rate_pct', 'base_stations'
] %}
facts as (

    select
        subject_code as cluster_id
{%- for item in items %},
        max(case when item = '{{ item }}' then value_text end) as {{ item }}_text,
        max(case when item = '{{ item }}' then value end) as {{ item }},
        max(case when item = '{{ item }}' and value_flag then 1 when item = '{{ item }}' and not value_flag then 0 end)
            as {{ item }}_flag,
        max(case when item = '{{ item }}' then row_id end) as {{ item }}_row
{%- endfor %}
    from standing
    group by subject_code

),

-- of several records of one day the latest
boundaries_told as (

    select
        *,
        row_number() over (
            partition by subject_code, item, effective_on
            order by snapshot_on desc, {{ row_number_of('source_locator') }} desc nulls last, row_id desc
        ) as nth_of_day
    from {{ ref('int_standing_records') }}
    where item in ('boundary_area_km2', 'boundary_location')

),

-- R09: two neighbouring versions of a boundary, and the paper that allowed the change
boundary_versions as (

    select
        subject_code as cluster_id,
        item,
        effective_on,
        value,
        value_text,
        document_no,
        row_id,
        data_origin,
        lag(value) over (partition by subject_code, item order by effective_on) as before_value,
        lag(value_text) over (partition by subject_code, item order by effective_on) as before_text
    from boundaries_told
    where nth_of_day = 1

),

-- an area is the same however many zeros it is printed with
boundary_steps as (

    select
        *,
        case
            when item = 'boundary_area_km2' and value is not null and before_value is not null then value <> before_value
            else value_text <> before_text
        end as is_change
    from boundary_versions

),

boundaries as (

    select
        cluster_id,
        count(case when is_change then 1 end) as changes,
        count(case when is_change and document_no is null then 1 end) as unapproved,
        {{ string_list(
            "case when is_change then cast(effective_on as " ~ dbt.type_string() ~ ") || ' ' || before_text || '→' || value_text || coalesce('(' || document_no || ')', '(无批准文件)') end",
            'effective_on, row_id'
        ) }} as told,
        {{ string_list('row_id', 'row_id') }} as row_ids
    from boundary_steps
    group by cluster_id

),

-- R18: measured discharge beside the limits, which are not verified (A20)
effluents as (

    select
        standing.subject_code as cluster_id,
        {{ string_list("standing.item || ' ' || standing.value_text || ' > ' || cast(limits.limit_after as " ~ dbt.type_string() ~ ")", 'standing.item') }} as exceeded,
        {{ string_list('standing.row_id', 'standing.row_id') }} as row_ids
    from standing
    inner join {{ ref('effluent_limits') }} as limits
        on standing.item = limits.item and standing.value > limits.limit_after
    group by standing.subject_code

),

maps as (

    select
        subject_code,
        count(case when is_in_force and value_text not in ('无', '否', '0') then 1 end) as maps,
        {{ string_list('row_id', 'row_id') }} as row_ids
    from {{ ref('int_standing_records') }}
    where item = 'investment_map' and nth = 1
    group by subject_code

),

counted as (

    select
        clusters.*,
        case
            when industry_text is null and is_registered then 0
            when industry_text is not null then 1 + length(industry_text) - length(replace(industry_text, '、', ''))
        end as leading_industries,
        case
            when leader_name is null and is_registered then 0
            when leader_name is not null then 1 + length(leader_name) - length(replace(leader_name, '、', ''))
        end as leaders
    from clusters

),

assigned as (

    select distinct area_id, family_id
    from {{ ref('plan_area_industries') }}
    where plan_version = {{ parameter('plan_version') }}

),

seen as (

    select
        counted.*,
{%- for item in items %}
        facts.{{ item }}_text, facts.{{ item }}, facts.{{ item }}_flag, facts.{{ item }}_row,
{%- endfor %}
        boundaries.changes as boundary_changes,
        boundaries.unapproved as boundary_unapproved,
        boundaries.told as boundary_told,
        boundaries.row_ids as boundary_row_ids,
        effluents.exceeded as effluent_exceeded,
        effluents.row_ids as effluent_row_ids,
        maps.maps,
        maps.row_ids as map_row_ids,
        assigned.family_id is not null as is_assigned
    from counted
    left join facts on counted.cluster_id = facts.cluster_id
    left join boundaries on counted.cluster_id = boundaries.cluster_id
    left join effluents on counted.cluster_id = effluents.cluster_id
    left join maps on counted.cluster_id = maps.subject_code
    left join assigned on counted.area_id = assigned.area_id and counted.family_id = assigned.family_id

),

observations as (

    select cluster_id, {{ observed('leading_industry_count', number='leading_industries', text='industry_text') }} from seen
    union all
    select
        cluster_id,
        {{ observed(
            'chain_leader_count', number='leaders', text='leader_name',
            note="case when has_alliance then '已组建产业联盟' else '未见产业联盟' end"
        ) }}
    from seen
    union all
    select cluster_id, {{ observed('land_area_km2', number='land_area_km2') }} from seen
    union all
    select cluster_id, {{ observed('carrier_type', text='carrier_text') }} from seen
    union all
    select
        cluster_id,
        {{ observed(
            'selection_criteria_met',
            number='has_management_flag + has_clear_boundary_flag + has_distinct_industry_flag + has_infrastructure_flag',
            evidence="concat_ws(';', has_management_row, has_clear_boundary_row, has_distinct_industry_row, has_infrastructure_row)"
        ) }}
    from seen
    union all
    select
        cluster_id,
        {{ observed(
            'standard_conformity', text='standard_version_text', flag='case when standard_version_text is not null then true end',
            note="'申报标准文本方案未给,只看是否挂接版本'", evidence='standard_version_row'
        ) }}
    from seen
    union all
    select
        cluster_id,
        {{ observed(
            'plan_conformity',
            flag="case when 0 in (coalesce(conforms_economic_plan_flag, 1), coalesce(conforms_land_plan_flag, 1), coalesce(conforms_special_plan_flag, 1)) then false when conforms_economic_plan_flag + conforms_land_plan_flag + conforms_special_plan_flag = 3 then true end",
            text="nullif(concat_ws(';', '国民经济规划 ' || conforms_economic_plan_text, '国土空间规划 ' || conforms_land_plan_text, '专项规划 ' || conforms_special_plan_text), '')",
            evidence="concat_ws(';', conforms_economic_plan_row, conforms_land_plan_row, conforms_special_plan_row)"
        ) }}
    from seen
    union all
    select
        cluster_id,
        {{ observed(
            'boundary_change', number='boundary_changes', text="coalesce(nullif(boundary_told, ''), case when boundary_changes = 0 then '未变更' end)",
            flag='boundary_unapproved = 0', evidence='boundary_row_ids'
        ) }}
    from seen
    union all
    select
        cluster_id,
        {{ observed(
            'built_out_and_intensive', applicable='enlargement_applied_text is not null',
            text="nullif(concat_ws(';', '已基本建成 ' || is_built_out_text, '集约用地 ' || is_land_intensive_text), '')",
            flag='case when 0 in (coalesce(is_built_out_flag, 1), coalesce(is_land_intensive_flag, 1)) then false when is_built_out_flag + is_land_intensive_flag = 2 then true end',
            note="case when enlargement_applied_text is null then '没有扩区申请' end",
            evidence="concat_ws(';', enlargement_applied_row, is_built_out_row, is_land_intensive_row)"
        ) }}
    from seen
    union all
    select
        cluster_id,
        {{ observed(
            'standard_version', text='standard_version_text', applicable="coalesce(standard_version_text like '%放宽%', true)",
            flag="case when standard_version_text is null then null else industry_class = 'emerging' end",
            note="case when standard_version_text not like '%放宽%' then '未用放宽标准' end", evidence='standard_version_row'
        ) }}
    from seen
    union all
    select
        cluster_id,
        {{ observed(
            'tier_path', applicable='provincial_on is not null',
            flag='case when municipal_on <= provincial_on then true when is_registered then false end',
            text="case when provincial_on is not null then concat_ws('→', '市级 ' || cast(municipal_on as " ~ dbt.type_string() ~ "), '省级 ' || cast(provincial_on as " ~ dbt.type_string() ~ ")) end",
            note="case when provincial_on is null then '不是省级' end"
        ) }}
    from seen
    union all
    select
        cluster_id,
        {{ observed(
            'leading_industry_id', text="concat_ws(' ', area_id, coalesce(family_id, industry_text))",
            flag='case when area_id is null or coalesce(leading_industries, 0) <> 1 then null else is_assigned end'
        ) }}
    from seen
    union all
    select
        cluster_id,
        {{ observed(
            'effluent_standard', text="nullif(concat_ws(';', effluent_standard_text, effluent_exceeded), '')",
            flag="case when effluent_standard_text is null then null else (effluent_standard_text like '%Ⅳ%' or effluent_standard_text like '%IV%') and effluent_exceeded is null end",
            note="case when effluent_exceeded is not null then '限值未核实(A20)' end",
            evidence="concat_ws(';', effluent_standard_row, effluent_row_ids)"
        ) }}
    from seen
    union all
    select
        cluster_id,
        {{ observed(
            'has_central_sewage', text='has_central_sewage_text', flag=as_flag('has_central_sewage_flag'),
            evidence='has_central_sewage_row'
        ) }}
    from seen
    union all
    select
        cluster_id,
        {{ observed(
            'online_monitored_outfall_rate', number=percent('outfalls_online', 'outfalls'),
            text="outfalls_online_text || '/' || outfalls_text", applicable='coalesce(outfalls > 0, true)',
            note="case when outfalls = 0 then '没有排污口' end", evidence="concat_ws(';', outfalls_row, outfalls_online_row)"
        ) }}
    from seen
    union all
    select
        cluster_id,
        {{ observed('central_gas_heat_rate', number='central_gas_heat_rate_pct', evidence='central_gas_heat_rate_pct_row') }}
    from seen
    union all
    select cluster_id, {{ observed('investment_map_count', number='maps', evidence='map_row_ids') }} from seen
    union all
    select cluster_id, {{ observed('base_station_count', number='base_stations', evidence='base_stations_row') }} from seen
    union all
    select
        cluster_id,
        {{ observed(
            'management_body', text='management_body',
            flag='case when management_body is not null then true when is_registered then false end'
        ) }}
    from seen

)

select
    observations.metric,
    'cluster' as subject_type,
    observations.cluster_id as subject_id,
    seen.cluster_name as subject_name,
    observations.observed_number,
    observations.observed_text,
    observations.observed_flag,
    observations.is_applicable,
    observations.note,
    observations.source_row_ids,
    seen.data_origin
from observations
inner join seen on observations.cluster_id = seen.cluster_id
