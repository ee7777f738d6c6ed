select
    listed.list_id,
    listed.list_kind,
    listed.name_text as name,
    listed.uscc_printed,
    listed.county_area_id,
    listed.listed_as,
    results.state,
    results.uscc,
    enterprises.name_text as enterprise_name,
    results.tier,
    results.is_branch,
    results.name_disagrees,
    results.score,
    results.candidates,
    results.decided_by,
    results.decided_at,
    results.is_questioned,
    results.questioned_because,
    listed.effect,
    listed.effect_targets,
    cast(listed.entry_count as integer) as entries,
    case
        when results.state = 'decided' and results.is_questioned then '人工认定,登记内容已变,待复核'
        when results.state = 'decided' then '人工认定'
        when results.state = 'rejected' then '人工认定:候选企业均不符'
        when results.state = 'by_code' and results.name_disagrees then '按名单所印代码;名称与登记不一致'
        when results.state = 'by_code' and enterprises.uscc is null then '按名单所印代码;登记数据中无此代码'
        when results.state = 'by_code' then '按名单所印代码'
        when results.tier = 'T1' and results.state = 'accepted' then '与一家企业的现名相同'
        when results.tier = 'T2' and results.state = 'accepted' then '与一家企业的曾用名相同,或与名单所注原名、更名后名称相同'
        when results.tier = 'T3' and results.state = 'accepted' then '分支机构未单独登记,对应其总公司'
        when results.tier = 'T4' and results.state = 'accepted' then '字号行业、组织形式、县市区均相同,且仅此一家'
        when results.state = 'review' and results.tier in ('T1', 'T2', 'T3', 'T4') then '候选不止一家或地点不符,待人工认定'
        when results.state = 'review' then '仅有名称相近的企业,待人工认定'
        when results.state = 'no_register' then '无可对应的企业登记数据'
        else '登记数据中无相近名称'
    end as reason,
    listed.source_row_ids,
    listed.data_origin
from {{ ref('int_listed_names') }} as listed
inner join {{ ref('int_link_results') }} as results
    on listed.list_id = results.list_id
left join {{ ref('int_enterprises') }} as enterprises
    on results.uscc = enterprises.uscc
    and listed.demo_or_real = {{ demo_or_real('enterprises.data_origin') }}
