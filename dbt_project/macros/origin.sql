{#- Origin of a figure made of several: demo if any input is demo, else submitted if any was submitted, else published. -#}
{% macro origin_of(origin) -%}
    case
        when count(case when {{ origin }} = 'demo' then 1 end) > 0 then 'demo'
        when count(case when {{ origin }} = 'submitted' then 1 end) > 0 then 'submitted'
        else 'published'
    end
{%- endmacro %}

{#- Of several origins in one row, as many as there are; null is none. -#}
{% macro origin_among() -%}
    case
        {%- for origin in ['demo', 'submitted'] %}
        when '{{ origin }}' in (
            {%- for one in varargs %}coalesce({{ one }}, ''){{ ', ' if not loop.last }}{% endfor -%}
        ) then '{{ origin }}'
        {%- endfor %}
        else 'published'
    end
{%- endmacro %}

{#- One value of the parameter table, as text. -#}
{% macro parameter(code) -%}
    (select parameter_value from {{ ref('plan_parameters') }} where parameter_code = '{{ code }}')
{%- endmacro %}

{% macro as_of_date() -%}
    (select as_of_date from {{ source('raw', 'night') }})
{%- endmacro %}
