-- A view: it costs two seconds to work out and more to store, and dim_enterprise stores it.
{{ config(materialized='view') }}
-- History from registers, in whatever order they came: one row per credit code and run of days on which registers print the same of
-- it. A run ends where another begins, or at the first full register of its source that no longer holds the code.
--
-- Most codes stand in one register once, and need no history: windows run over the others alone. Those and the registers' days are tables
-- of their own, so that the engine knows how few they are, and holds them in memory and not the register. Of lines that print the same
-- code for the same day that of a delta stands, then the one that names a county, then the first printed.
with ranked as (

    select
        register.*,
        row_number() over (
            partition by register.uscc, register.register_on
            order by
                case when register.register_extent = 'delta' then 0 else 1 end,
                case when register.area_id is null then 1 else 0 end,
                register.source_id,
                register.row_id
        ) as row_of_code
    from {{ ref('stg_enterprises') }} as register
    inner join {{ ref('int_repeated_enterprises') }} as several
        on register.uscc = several.uscc

),

printed as (

    select
        *,
        md5(
            concat_ws(
                '|', name_text, coalesce(former_name_text, '-'), coalesce(enterprise_type, '-'), status,
                coalesce(cast(cancelled_on as {{ dbt.type_string() }}), '-'), coalesce(area_id, '-'),
                coalesce(industry_code, '-'), coalesce(cast(is_two_high as {{ dbt.type_string() }}), '-'),
                coalesce(successor_uscc, '-')
            )
        ) as state
    from ranked
    where row_of_code = 1

),

followed as (

    select
        printed.uscc,
        printed.register_on,
        printed.row_id,
        printed.state,
        days.next_full_on,
        lead(printed.register_on) over (partition by printed.uscc order by printed.register_on) as next_on,
        lag(printed.state) over (partition by printed.uscc order by printed.register_on) as state_before
    from printed
    inner join {{ ref('int_register_days') }} as days
        on printed.source_id = days.source_id and printed.register_on = days.register_on

),

ended as (

    select
        *,
        case when next_full_on < coalesce(next_on, {{ far_future() }}) then next_full_on end as absent_from
    from followed

),

turned as (

    select
        *,
        case
            when state_before is null or state_before <> state then 1
            when lag(absent_from) over (partition by uscc order by register_on) is not null then 1
            else 0
        end as is_turn
    from ended

),

numbered as (

    select
        *,
        sum(is_turn) over (
            partition by uscc order by register_on rows between unbounded preceding and current row
        ) as run
    from turned

),

runs as (

    select
        uscc,
        run,
        min(register_on) as known_from,
        max(register_on) as last_seen_on,
        max(absent_from) as absent_from
    from numbered
    group by uscc, run

),

dated as (

    select
        *,
        lead(known_from) over (partition by uscc order by run) as next_known_from
    from runs

)

select
    dated.uscc,
    dated.run,
    dated.known_from,
    dated.last_seen_on,
    least(
        coalesce(dated.absent_from, {{ far_future() }}), coalesce(dated.next_known_from, {{ far_future() }})
    ) as ends_on,
    dated.absent_from is not null as is_absent_after,
    dated.next_known_from is null as is_latest,
    -- what a run prints is the same in every register of it but the row's own address: that of the last one stands
    printed.name_text,
    printed.name_normalised,
    printed.former_name_text,
    printed.former_name_normalised,
    printed.enterprise_type,
    printed.status,
    printed.established_on,
    printed.cancelled_on,
    printed.area_id,
    printed.industry_code,
    printed.is_two_high,
    printed.successor_uscc,
    printed.row_id,
    printed.source_id,
    printed.data_origin
from dated
inner join printed
    on dated.uscc = printed.uscc and dated.last_seen_on = printed.register_on
union all
select
    once.uscc,
    1 as run,
    once.register_on as known_from,
    once.register_on as last_seen_on,
    coalesce(days.next_full_on, {{ far_future() }}) as ends_on,
    days.next_full_on is not null as is_absent_after,
    true as is_latest,
    once.name_text,
    once.name_normalised,
    once.former_name_text,
    once.former_name_normalised,
    once.enterprise_type,
    once.status,
    once.established_on,
    once.cancelled_on,
    once.area_id,
    once.industry_code,
    once.is_two_high,
    once.successor_uscc,
    once.row_id,
    once.source_id,
    once.data_origin
from {{ ref('stg_enterprises') }} as once
left join {{ ref('int_repeated_enterprises') }} as several
    on once.uscc = several.uscc
left join {{ ref('int_register_days') }} as days
    on once.source_id = days.source_id and once.register_on = days.register_on
where several.uscc is null
