{#- Column types are declared once, in DuckDB's words. Spark has another word for one of them, and so dbt's macros that name types are ours there. -#}

{% macro spark_type(declared) -%}
    {{ return('string' if declared == 'varchar' else declared) }}
{%- endmacro %}

{#- Of a contract: an empty table of the declared columns. -#}
{% macro spark__get_empty_schema_sql(columns) %}
    select
    {%- for column in columns.values() %}
    cast(null as {{ spark_type(column['data_type']) }}) as {{ column['name'] }}{{ ',' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#- Of a seed: its table, before its rows. -#}
{% macro spark__create_csv_table(model, agate_table) %}
    {%- set declared = model['config'].get('column_types', {}) %}
    {% set sql %}
    create table {{ this.render() }} (
        {%- for name in agate_table.column_names %}
        {{ name }} {{ spark_type(declared.get(name, adapter.convert_type(agate_table, loop.index0))) }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
    {% endset %}
    {% call statement('_') -%} {{ sql }} {%- endcall %}
    {{ return(sql) }}
{% endmacro %}

{#- Of a seed: its rows. dbt-spark's own macro puts texts between quotes as they are, and an apostrophe ends them. -#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set declared = model['config'].get('column_types', {}) %}
    {%- for chunk in agate_table.rows | batch(1000) %}
        {%- set sql %}
        insert into {{ this.render() }} values
        {%- for row in chunk %}
        (
            {%- for value in row %}
            {%- set kind = declared.get(agate_table.column_names[loop.index0], adapter.convert_type(agate_table, loop.index0)) %}
            cast({{ spark_literal(value) }} as {{ spark_type(kind) }}){{ ',' if not loop.last }}
            {%- endfor %}
        ){{ ',' if not loop.last }}
        {%- endfor %}
        {%- endset %}
        {%- do adapter.add_query(sql, abridge_sql_log=True) %}
    {%- endfor %}
    {{ return('-- rows of ' ~ this.render()) }}
{% endmacro %}

{% macro spark_literal(value) -%}
    {{ return('null' if value is none else "'" ~ (value | string | replace('\\', '\\\\') | replace("'", "\\'")) ~ "'") }}
{%- endmacro %}
