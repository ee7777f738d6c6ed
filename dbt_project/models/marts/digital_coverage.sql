-- Coverage over the dated frame, with the bounds that the unassessed leave open, beside the published figure where there is one.
with status as (

    select
        as_of,
        uscc,
        area_id,
        is_in_cluster,
        is_marine,
        level,
        data_origin,
        in_cluster_origin
    from {{ ref('int_digital_status') }}
    union all
    -- the city is the whole frame, firms of unknown county included
    select
        status.as_of,
        status.uscc,
        city.area_id,
        status.is_in_cluster,
        status.is_marine,
        status.level,
        status.data_origin,
        status.in_cluster_origin
    from {{ ref('int_digital_status') }} as status
    cross join (select area_id from {{ ref('areas') }} where area_level = 'city') as city

),

scoped as (

    select *, 'all' as scope from status where area_id is not null
    union all
    select *, 'in_cluster' as scope from status where area_id is not null and is_in_cluster
    union all
    -- industries that are marine as a whole: the table of them is partial, and so is this scope
    select *, 'marine' as scope from status where area_id is not null and is_marine

),

counted as (

    select
        area_id,
        as_of,
        scope,
        count(*) as frame_count,
        count(level) as assessed_count,
        count(case when level >= cast({{ parameter('digital_transformed_level') }} as integer) then 1 end)
            as transformed_count,
        count(case when level >= cast({{ parameter('digital_deep_level') }} as integer) then 1 end) as deep_count,
        {{ origin_of("case when scope = 'in_cluster' then in_cluster_origin else data_origin end") }} as data_origin
    from scoped
    group by area_id, as_of, scope

),

published as (

    select
        area_id,
        period_end as as_of,
        value,
        figure_id,
        data_origin
    from {{ ref('int_headline_figures') }}
    where indicator_code = 'digital_coverage' and headline_rank = 1

),

spine as (

    select days.area_id, days.as_of, scopes.scope
    from {{ ref('int_digital_days') }} as days
    cross join (
        select 'all' as scope
        union all
        select 'in_cluster' as scope
        union all
        select 'marine' as scope
    ) as scopes

)

select
    spine.area_id,
    spine.as_of,
    spine.scope,
    cast(counted.frame_count as integer) as frame_count,
    cast(counted.assessed_count as integer) as assessed_count,
    cast(counted.transformed_count as integer) as transformed_count,
    cast(counted.deep_count as integer) as deep_count,
    round({{ percent('counted.transformed_count', 'counted.frame_count') }}, 4) as coverage_pct,
    round({{ percent('counted.transformed_count', 'counted.frame_count') }}, 4) as coverage_low_pct,
    round(
        {{ percent('counted.transformed_count + counted.frame_count - counted.assessed_count', 'counted.frame_count') }}, 4
    ) as coverage_high_pct,
    round({{ percent('counted.assessed_count', 'counted.frame_count') }}, 4) as assessed_share_pct,
    published.value as published_coverage_pct,
    case
        when counted.frame_count is not null and spine.scope = 'marine' then '涉海行业对照表为部分,未列行业未计入'
        when counted.frame_count is not null then null
        when spine.scope = 'marine' then '无列入涉海行业对照表的规上工业企业记录'
        when spine.scope = 'in_cluster' then '无在集聚区内的规上工业企业记录'
        else '规上工业企业名录未提供'
    end as reason,
    coalesce(counted.data_origin, published.data_origin, 'published') as data_origin,
    published.figure_id as source_row_ids
from spine
left join counted
    on spine.area_id = counted.area_id and spine.as_of = counted.as_of and spine.scope = counted.scope
left join published
    on spine.area_id = published.area_id and spine.as_of = published.as_of and spine.scope = 'all'
