{#- One observation for a rule: what was seen of a subject, in the one shape that every rule is judged in. -#}
{% macro observed(
    metric, number='null', text='null', flag='null', applicable='true', note='null', evidence='source_row_ids'
) -%}
    '{{ metric }}' as metric,
    cast({{ number }} as double) as observed_number,
    cast({{ text }} as {{ dbt.type_string() }}) as observed_text,
    cast({{ flag }} as boolean) as observed_flag,
    cast({{ applicable }} as boolean) as is_applicable,
    cast({{ note }} as {{ dbt.type_string() }}) as note,
    cast({{ evidence }} as {{ dbt.type_string() }}) as source_row_ids
{%- endmacro %}

{#- A yes-or-no kept as a number while it is aggregated. -#}
{% macro as_flag(number) -%}
    case {{ number }} when 1 then true when 0 then false end
{%- endmacro %}
