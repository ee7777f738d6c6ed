-- Every value that an indicator of the plan has ever had for the city, in one shape and in every reading of the plan: one row per
-- indicator, tier, reading and period. Targets find theirs by indicator and tier, so that a plan of another version or city
-- needs no model of its own. Up to two ambiguities bear on a value; the reading in which both stand as the parameters say is
-- the primary one, and one that departs from it in one of them stands beside it. Demo stands only where nothing else does.
with city as (

    select area_id from {{ ref('areas') }} where area_level = 'city'

),

shares as (

    select shares.*
    from {{ ref('marine_gdp_share') }} as shares
    inner join city on shares.area_id = city.area_id

),

figures as (

    select figures.*
    from {{ ref('int_headline_figures') }} as figures
    inner join city on figures.area_id = city.area_id
    where figures.headline_rank = 1

),

clusters as (

    select counts.*
    from {{ ref('cluster_counts') }} as counts
    inner join city on counts.area_id = city.area_id
    where counts.stock_titles is not null

),

units as (

    select area_id, '14' as scope from {{ ref('areas') }} where area_level in ('county', 'zone') and is_assigned_industries
    union all
    select area_id, '17' as scope from {{ ref('areas') }} where area_level in ('county', 'zone') and is_in_wide_scope

),

unit_clusters as (

    select
        units.scope,
        units.area_id,
        counts.year,
        max(counts.stock_titles) as stock,
        max(counts.source_row_ids) as source_row_ids,
        {{ origin_of('counts.data_origin') }} as data_origin
    from units
    inner join {{ ref('cluster_counts') }} as counts on units.area_id = counts.area_id
    where counts.stock_titles is not null
    group by units.scope, units.area_id, counts.year

),

-- a coverage of units is known only where every unit is
unit_coverage as (

    select
        unit_clusters.scope,
        unit_clusters.year,
        {{ percent('sum(case when stock >= 1 then 1 else 0 end)', 'count(*)') }} as value,
        {{ string_list('source_row_ids', 'area_id') }} as source_row_ids,
        {{ origin_of('data_origin') }} as data_origin
    from unit_clusters
    inner join (select scope, count(*) as n from units group by scope) as sizes on unit_clusters.scope = sizes.scope
    group by unit_clusters.scope, unit_clusters.year, sizes.n
    having count(*) = sizes.n

),

-- "provincial or above" counts a body once, whichever of the two tiers it stands in; the provincial lists say which years are
-- known, and a year that the national ones do not reach says so
green_held as (

    select
        years.year,
        years.entity_key,
        years.event_id,
        years.is_in_cluster,
        years.is_linked,
        years.data_origin,
        years.in_cluster_origin,
        years.tier,
        case when years.tier = 'municipal' then 'municipal' else 'provincial_or_above' end as counted_tier
    from {{ ref('int_green_title_years') }} as years
    inner join city on years.area_id = city.area_id
    where years.is_held

),

green as (

    select
        held.year,
        held.counted_tier as tier,
        scopes.scope,
        count(distinct case when scopes.scope = 'all' or held.is_in_cluster then held.entity_key end) as entities,
        count(distinct case when scopes.scope = 'all' or held.is_in_cluster then held.event_id end) as titles,
        count(distinct case when not held.is_linked then held.entity_key end) as unresolved,
        count(case when held.tier = 'national' then 1 end) as national,
        {{ origin_of("case when scopes.scope = 'all' then held.data_origin else held.in_cluster_origin end") }} as data_origin,
        {{ string_list(
            "case when scopes.scope = 'all' or held.is_in_cluster then held.event_id end", 'held.event_id'
        ) }} as source_row_ids
    from green_held as held
    cross join (select 'all' as scope union all select 'in_cluster') as scopes
    group by held.year, held.counted_tier, scopes.scope
    having count(case when held.tier <> 'national' then 1 end) > 0
        -- where not one body is known to the register, in_cluster is not zero but unknown
        and (scopes.scope = 'all' or count(case when held.is_linked then 1 end) > 0)

),

coverage as (

    select coverage.*
    from {{ ref('digital_coverage') }} as coverage
    inner join city on coverage.area_id = city.area_id

),

projects as (

    select
        year,
        count(distinct entry_code) as value,
        {{ string_list('row_id', 'row_id') }} as source_row_ids,
        data_origin
    from {{ ref('stg_programme_entries') }}
    where programme = 'service_key_project' and year is not null
    group by year, data_origin

),

-- of the clusters that a year recognised, those of traditional industries
traditional as (

    select
        recognised_year as year,
        {{ percent("count(case when industry_class = 'traditional' then 1 end)", 'count(*)') }} as value,
        count(case when industry_class = 'unclassified' then 1 end) as unclassified,
        {{ string_list('title_id', 'title_id') }} as source_row_ids,
        {{ origin_of('data_origin') }} as data_origin
    from {{ ref('int_clusters') }}
    where tier = 'municipal' and recognised_year is not null
    group by recognised_year

),

valued as (

    -- an indicator that is simply printed: gross ocean product, and any that another plan may name
    select
        indicator_code, cast(null as {{ dbt.type_string() }}) as tier,
        cast(null as {{ dbt.type_string() }}) as first_parameter, cast(null as {{ dbt.type_string() }}) as first_reading,
        cast(null as {{ dbt.type_string() }}) as second_parameter, cast(null as {{ dbt.type_string() }}) as second_reading,
        period_id, extract(year from period_end) as period_year, period_end, value, vintage, published_on, data_origin,
        false as is_proxy, figure_id as source_row_ids, cast(null as double) as published_value,
        cast(null as {{ dbt.type_string() }}) as note
    from figures
    where period_kind = 'year' and indicator_code not in ('gop_share_gdp', 'digital_coverage', 'cluster_count', 'green_unit_count')
    union all
    select
        'gop_share_gdp', null, 'A10_share', 'computed', null, null,
        cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, share_pct, vintage,
        greatest(gop_published_on, gdp_published_on), share_origin, false, concat_ws(';', gop_figure_id, gdp_figure_id),
        published_share_pct, null
    from shares
    where share_pct is not null
    union all
    select
        'gop_share_gdp', null, 'A10_share', 'published', null, null,
        period_id, extract(year from period_end), period_end, value, vintage, published_on, data_origin, false, figure_id,
        value, '公布数多为取整'
    from figures
    where indicator_code = 'gop_share_gdp' and period_kind = 'year'
    union all
    select
        'ocean_industry_va_growth_gap', null, 'A05_growth_gap', 'proxy_allowed', 'A09_growth_years', 'each',
        cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, growth_gap_pp, growth_gap_vintage,
        growth_gap_published_on, growth_gap_origin, growth_gap_is_proxy, source_row_ids, null,
        case when growth_gap_is_proxy then '以海洋生产总值增速代海洋产业增加值增速' end
    from shares
    where growth_gap_pp is not null
    union all
    select
        'ocean_industry_va_growth_gap', null, 'A05_growth_gap', 'industries_only', 'A09_growth_years', 'each',
        cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, growth_gap_pp, growth_gap_vintage,
        growth_gap_published_on, growth_gap_origin, false, source_row_ids, null, null
    from shares
    where growth_gap_pp is not null and not growth_gap_is_proxy
    union all
    select
        'ocean_industry_va_growth_gap', null, 'A09_growth_years', 'average', 'A05_growth_gap', 'proxy_allowed',
        cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }},
        avg(growth_gap_pp) over (order by year rows between unbounded preceding and current row), growth_gap_vintage,
        growth_gap_published_on, growth_gap_origin, growth_gap_is_proxy, source_row_ids, null, '首个评估年度以来各年的平均'
    from shares
    where growth_gap_pp is not null and year >= cast({{ parameter('A09_first_assessed_year') }} as integer)
    union all
    select
        'cluster_count', tier, 'A03_cluster_count', 'titles', null, null,
        cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, stock_titles, null, null, data_origin, false,
        source_row_ids, null, null
    from clusters
    union all
    select
        'cluster_count', tier, 'A03_cluster_count', 'exclusive', null, null,
        cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, stock_exclusive, null, null, data_origin, false,
        source_row_ids, null, null
    from clusters
    union all
    select
        'cluster_new', tier, null, null, null, null,
        cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, recognised_in_year, null, null, data_origin,
        false, source_row_ids, null, null
    from clusters
    where recognised_in_year is not null
    union all
    select
        'digital_coverage', null, 'A04_coverage_scope', 'all', null, null,
        period_id, extract(year from period_end), period_end, value, vintage, published_on, data_origin, false, figure_id,
        value, null
    from figures
    where indicator_code = 'digital_coverage'
    union all
    select
        'digital_coverage', null, 'A04_coverage_scope', scope, null, null,
        cast(as_of as {{ dbt.type_string() }}), extract(year from as_of), as_of, coverage_pct, null, null, data_origin,
        false, null, null, reason
    from coverage
    where coverage_pct is not null and (scope <> 'all' or published_coverage_pct is null)
    union all
    select
        'green_unit_count', tier, 'A01_green_scope', scope, 'A19_green_count', 'entities',
        cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, entities, null, null, data_origin, false,
        source_row_ids, null,
        nullif(concat_ws(
            ';',
            case when unresolved > 0 and scope = 'in_cluster'
                then '另有' || cast(unresolved as {{ dbt.type_string() }}) || '家未与企业名录关联,是否在集聚区内不明,未计入' end,
            case when tier = 'provincial_or_above' and national = 0 then '国家级名单未覆盖该年度,仅计省级' end
        ), '')
    from green
    union all
    select
        'green_unit_count', tier, 'A01_green_scope', scope, 'A19_green_count', 'titles',
        cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, titles, null, null, data_origin, false,
        source_row_ids, null, null
    from green
    union all
    select
        'cluster_per_area', 'any', 'A02_unit_scope', scope, null, null,
        cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, value, null, null, data_origin, false,
        source_row_ids, null, null
    from unit_coverage
    union all
    select
        'service_projects_supported', null, null, null, null, null,
        cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, value, null, null, data_origin, false,
        source_row_ids, null, null
    from projects
    union all
    select
        'traditional_cluster_share', null, null, null, null, null,
        cast(year as {{ dbt.type_string() }}), year, {{ year_end('year') }}, value, null, null, data_origin, false,
        source_row_ids, null,
        case when unclassified > 0 then '含未分类产业' || cast(unclassified as {{ dbt.type_string() }}) || '个' end
    from traditional

),

-- which reading a row is: the parameters decide, and the first three characters of their codes name the ambiguity
read as (

    select
        valued.*,
        case
            when coalesce(first_chosen.parameter_value = valued.first_reading, valued.first_parameter is null)
                and coalesce(second_chosen.parameter_value = valued.second_reading, valued.second_parameter is null)
                then 'primary'
            when coalesce(second_chosen.parameter_value = valued.second_reading, valued.second_parameter is null)
                then substr(valued.first_parameter, 1, 3) || '=' || valued.first_reading
            when first_chosen.parameter_value = valued.first_reading
                then substr(valued.second_parameter, 1, 3) || '=' || valued.second_reading
        end as reading
    from valued
    left join {{ ref('plan_parameters') }} as first_chosen
        on valued.first_parameter = first_chosen.parameter_code
    left join {{ ref('plan_parameters') }} as second_chosen
        on valued.second_parameter = second_chosen.parameter_code

),

real as (

    select distinct indicator_code, coalesce(tier, '') as tier, reading
    from read
    where data_origin <> 'demo'

)

select
    read.indicator_code,
    coalesce(read.tier, '') as tier,
    read.reading,
    read.period_id,
    cast(read.period_year as integer) as period_year,
    read.period_end,
    cast(read.value as double) as value,
    read.vintage,
    read.published_on,
    read.is_proxy,
    cast(read.published_value as double) as published_value,
    read.note,
    read.source_row_ids,
    read.data_origin
from read
left join real
    on read.indicator_code = real.indicator_code and coalesce(read.tier, '') = real.tier and read.reading = real.reading
where read.reading is not null and (read.data_origin <> 'demo' or real.indicator_code is null)
