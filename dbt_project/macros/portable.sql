{#- The whole difference between engines. A model that needs a construct from here calls the macro, never the engine. -#}

{#- Texts of a group as one text, in order. -#}
{% macro string_list(text, order_by, separator=';') -%}
    {{ return(adapter.dispatch('string_list', 'blue_ledger')(text, order_by, separator)) }}
{%- endmacro %}

{% macro default__string_list(text, order_by, separator) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{% macro spark__string_list(text, order_by, separator) -%}
    listagg({{ text }}, '{{ separator }}') within group (order by {{ order_by }})
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

{#- A day of a year from "MM-DD". -#}
{% macro day_of_year(year, month_day) -%}
    cast(cast({{ year }} as {{ dbt.type_string() }}) || '-' || {{ month_day }} as date)
{%- endmacro %}

{#- A day after all others, where an open end is to be compared. -#}
{% macro far_future() -%}
    cast('9999-12-31' as date)
{%- endmacro %}
