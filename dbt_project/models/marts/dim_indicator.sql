-- Indicators as defined, and the growth rates that are printed beside their levels.
with defined as (

    select * from {{ ref('indicators') }}

),

growth as (

    select distinct indicator_code
    from {{ ref('stg_indicator_figures') }}
    where indicator_code like '%_growth'

)

select
    indicator_code,
    name_zh,
    name_en,
    subject,
    measure,
    unit,
    price_basis,
    definition_zh,
    definition_en,
    formula,
    is_stock,
    source_zh,
    method_zh,
    owner_department,
    revision_policy_zh,
    limits_zh
from defined
union all
select
    growth.indicator_code,
    defined.name_zh || '增速',
    'growth of ' || defined.name_en,
    defined.subject,
    'rate',
    'pct',
    'n/a',
    defined.name_zh || '比上年同期增长,按原文所载价格口径',
    'growth over the same period of the year before, on the price basis that was printed',
    'as printed',
    false,
    defined.source_zh,
    '按原文所载增速转录,不由两期总量推算',
    defined.owner_department,
    defined.revision_policy_zh,
    defined.limits_zh
from growth
inner join defined
    on growth.indicator_code = defined.indicator_code || '_growth'
left join defined as own
    on growth.indicator_code = own.indicator_code
where own.indicator_code is null
