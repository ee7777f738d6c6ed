-- A body that holds titles of two categories is one entity and two titles (A19); category "all" counts it once.
with years as (

    select * from {{ ref('int_green_title_years') }}

),

renamings as (

    select
        city_area_id as area_id,
        tier,
        category,
        extract(year from effective_on) as year,
        count(*) as renamed
    from {{ ref('int_green_events') }}
    where action = 'rename' and city_area_id is not null
    group by city_area_id, tier, category, extract(year from effective_on)

),

by_category as (

    select *, category as shown_category from years
    union all
    select *, 'all' as shown_category from years

),

scoped as (

    select *, 'all' as scope from by_category
    union all
    -- whether a listed body lies in a cluster is known only where its credit code is: the others are the bound, counted beside
    select *, 'in_cluster' as scope from by_category

)

select
    scoped.area_id,
    scoped.tier,
    scoped.shown_category as category,
    cast(scoped.year as integer) as year,
    scoped.scope,
    cast(count(distinct case when is_held and (scope = 'all' or is_in_cluster) then entity_key end) as integer) as entities,
    cast(count(distinct case when is_held and (scope = 'all' or is_in_cluster) then event_id end) as integer) as titles,
    cast(count(distinct case when is_added and (scope = 'all' or is_in_cluster) then event_id end) as integer) as added,
    cast(count(distinct case when is_removed and (scope = 'all' or is_in_cluster) then event_id end) as integer) as removed,
    cast(max(case when scope = 'all' then coalesce(renamings.renamed, 0) else 0 end) as integer) as renamed,
    cast(count(distinct case when is_held and not is_linked then entity_key end) as integer) as unresolved,
    {{ origin_of("case when scope = 'all' then scoped.data_origin else scoped.in_cluster_origin end") }} as data_origin,
    {{ string_list(
        "case when (is_held or is_added or is_removed) and (scope = 'all' or is_in_cluster) then event_id end", 'event_id'
    ) }} as source_row_ids,
    cast(null as {{ dbt.type_string() }}) as reason
from scoped
left join renamings
    on scoped.area_id = renamings.area_id
    and scoped.tier = renamings.tier
    and scoped.category = renamings.category
    and scoped.year = renamings.year
    and scoped.shown_category <> 'all'
group by scoped.area_id, scoped.tier, scoped.shown_category, scoped.year, scoped.scope
-- where not one body's code is known, in_cluster is not zero but unknown, and has no row
having scoped.scope = 'all' or count(case when is_linked then 1 end) > 0
