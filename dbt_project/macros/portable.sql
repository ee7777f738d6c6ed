{#- The whole difference between engines. A model that needs a construct from here calls the macro, never the engine. -#}

{#- Texts of a group as one text, in order. -#}
{% macro string_list(text, order_by, separator=';') -%}
    {{ return(adapter.dispatch('string_list', 'blue_ledger')(text, order_by, separator)) }}
{%- endmacro %}

{% macro default__string_list(text, order_by, separator) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{% macro spark__string_list(text, order_by, separator) -%}
    {#- not listagg, which Spark 4.1 cannot work out beside a count(distinct) -#}
    nullif(array_join(
        transform(
            array_sort(collect_list(case when {{ text }} is not null then struct({{ order_by }}, {{ text }} as listed) end)),
            entry -> entry.listed
        ), '{{ separator }}'
    ), '')
{%- endmacro %}

{#- The different texts of a group as one text, in their own order. -#}
{% macro unique_list(text, separator=';') -%}
    {{ return(adapter.dispatch('unique_list', 'blue_ledger')(text, separator)) }}
{%- endmacro %}

{% macro default__unique_list(text, separator) -%}
    string_agg(distinct {{ text }}, '{{ separator }}' order by {{ text }})
{%- endmacro %}

{% macro spark__unique_list(text, separator) -%}
    nullif(array_join(array_sort(collect_set({{ text }})), '{{ separator }}'), '')
{%- endmacro %}

{#- The last year of every list of years or months: ten beyond the bundled plan's last target. A plan that reaches further moves it. -#}
{% macro horizon() -%}
    2040
{%- endmacro %}

{#- Whole years from..to as the rows of a table with the column year. -#}
{% macro years(from_year, to_year) -%}
    {{ return(adapter.dispatch('years', 'blue_ledger')(from_year, to_year)) }}
{%- endmacro %}

{% macro default__years(from_year, to_year) -%}
    select cast(generate_series as integer) as year
    from generate_series({{ from_year }}, {{ to_year }})
{%- endmacro %}

{% macro spark__years(from_year, to_year) -%}
    select cast(year as int) as year
    from (select explode(sequence({{ from_year }}, {{ to_year }})) as year)
{%- endmacro %}

{#- The 31st of December of a year. -#}
{% macro year_end(year) -%}
    {{ return(adapter.dispatch('year_end', 'blue_ledger')(year)) }}
{%- endmacro %}

{% macro default__year_end(year) -%}
    make_date(cast({{ year }} as integer), 12, 31)
{%- endmacro %}

{#- A day of a year from "MM-DD"; the 28th of February where there is no 29th. -#}
{% macro day_of_year(year, month_day) -%}
    case
        when {{ month_day }} = '02-29' then last_day(make_date(cast({{ year }} as integer), 2, 1))
        else cast(cast({{ year }} as {{ dbt.type_string() }}) || '-' || {{ month_day }} as date)
    end
{%- endmacro %}

{#- A day so many years later; the 28th of February where there is no 29th. Not dbt's dateadd, which on Spark is null of a date. -#}
{% macro years_after(day, years) -%}
    {{ return(adapter.dispatch('years_after', 'blue_ledger')(day, years)) }}
{%- endmacro %}

{% macro default__years_after(day, years) -%}
    cast({{ day }} + to_years({{ years }}) as date)
{%- endmacro %}

{% macro spark__years_after(day, years) -%}
    add_months({{ day }}, 12 * {{ years }})
{%- endmacro %}

{#- A day after all others, where an open end is to be compared. -#}
{% macro far_future() -%}
    cast('9999-12-31' as date)
{%- endmacro %}

{#- The row of a place such as "表!C7"; null of a place that is none of a sheet. Places in their order as text would have 10 before 9. -#}
{% macro row_number_of(locator) -%}
    cast(nullif(regexp_extract({{ locator }}, '![A-Z]+([0-9]+)[^!]*$', 1), '') as integer)
{%- endmacro %}

{#- A number from text, null where it is none. -#}
{% macro try_number(text) -%}
    try_cast({{ text }} as double)
{%- endmacro %}

{#- A share in percent, null of nothing. Of two counts an engine may make a decimal of few places, so they are made floating first. -#}
{% macro percent(part, whole) -%}
    100 * cast({{ part }} as double) / nullif({{ whole }}, 0)
{%- endmacro %}

{#- A number as a person writes it: no trailing zeros. -#}
{% macro number_text(number) -%}
    {{ return(adapter.dispatch('number_text', 'blue_ledger')(number)) }}
{%- endmacro %}

{% macro default__number_text(number) -%}
    regexp_replace(regexp_replace(cast(cast({{ number }} as decimal(18, 2)) as {{ dbt.type_string() }}), '0+$', ''), '[.]$', '')
{%- endmacro %}

{#- The first of January of a year. -#}
{% macro year_start(year) -%}
    {{ return(adapter.dispatch('year_start', 'blue_ledger')(year)) }}
{%- endmacro %}

{% macro default__year_start(year) -%}
    make_date(cast({{ year }} as integer), 1, 1)
{%- endmacro %}

{#- Whole months of the years from..to: month as "YYYY-MM", its first and its last day. -#}
{% macro months(from_year, to_year) -%}
    select
        cast(year as {{ dbt.type_string() }}) || '-' || lpad(cast(month_number as {{ dbt.type_string() }}), 2, '0') as month,
        make_date(year, month_number, 1) as month_start,
        last_day(make_date(year, month_number, 1)) as month_end
    from ({{ years(from_year, to_year) }}) as whole_years
    cross join (
        {%- for number in range(1, 13) %}
        select {{ number }} as month_number{{ ' union all' if not loop.last }}
        {%- endfor %}
    ) as numbers
{%- endmacro %}

{#- The last month that has ended on the day of the night, as "YYYY-MM". -#}
{% macro last_whole_month() -%}
    (select max(spine.month) from ({{ months(2015, horizon()) }}) as spine where spine.month_end <= {{ as_of_date() }})
{%- endmacro %}

{#- The year in which a period such as 2024, 2025-07 or 2026-06-30 lies. -#}
{% macro year_of_period(period) -%}
    cast(substr({{ period }}, 1, 4) as integer)
{%- endmacro %}
