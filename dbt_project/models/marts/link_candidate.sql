-- What a reviewer chooses from, with what speaks for each.
select
    candidates.list_id,
    candidates.uscc,
    candidates.nth as rank,
    candidates.tier,
    candidates.score,
    candidates.is_branch,
    candidates.is_rejected,
    concat_ws(
        ';',
        case candidates.tier
            when 'T0' then '名单所印代码'
            when 'T1' then '与现名相同'
            when 'T2' then '与曾用名相同,或与名单所注原名、更名后名称相同'
            when 'T3' then '名单名称为该企业的分支机构'
            when 'T4' then '字号行业、组织形式、县市区相同'
            else '名称相近'
        end,
        case
            when listed.place_area_id is null then '名单未列县市区'
            when enterprises.area_id is null then '登记未载县市区'
            when listed.place_area_id = enterprises.area_id then '县市区相同'
            when listed.is_in_zone then '名单所列为开发区'
            else '县市区不同'
        end,
        case
            when enterprises.status = 'cancelled' then '已注销'
            when enterprises.status = 'revoked' then '已吊销'
            when enterprises.status = 'moved_out' then '已迁出'
        end
    ) as evidence,
    enterprises.name_text as enterprise_name,
    enterprises.former_name_text as enterprise_former_name,
    enterprises.status as enterprise_status,
    enterprises.area_id as enterprise_area_id,
    {{ enterprise_text('enterprises.name_text', 'enterprises.former_name_text', 'enterprises.status', 'enterprises.area_id') }}
        as enterprise_as,
    cast(enterprises.register_on as {{ dbt.type_string() }}) as register_version,
    {{ origin_among('listed.data_origin', 'enterprises.data_origin') }} as data_origin
from {{ ref('int_link_candidates') }} as candidates
inner join {{ ref('int_listed_names') }} as listed
    on candidates.list_id = listed.list_id
inner join {{ ref('int_enterprises') }} as enterprises
    on candidates.uscc = enterprises.uscc
