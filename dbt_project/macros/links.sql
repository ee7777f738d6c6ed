{#- What links of listed names rest on, said once. -#}

{#- A listed name in its place: a decision about it outlives the document. -#}
{% macro list_id(kind, name, aside, county, code, origin) -%}
    substr(
        md5(
            concat_ws(
                '|', {{ kind }}, {{ name }}, coalesce({{ aside }}, '-'), coalesce({{ county }}, '-'), coalesce({{ code }}, '-'),
                {{ demo_or_real(origin) }}
            )
        ), 1, 16
    )
{%- endmacro %}

{#- Demo is linked to demo and real to real, never across. -#}
{% macro demo_or_real(origin) -%}
    case when {{ origin }} = 'demo' then 'demo' else 'real' end
{%- endmacro %}

{#- An enterprise as a reviewer saw it: a decision is questioned once this text is another. -#}
{% macro enterprise_text(name, former_name, status, area) -%}
    concat_ws(
        '|', {{ name }}, coalesce({{ former_name }}, '-'), coalesce({{ status }}, '-'), coalesce({{ area }}, '-')
    )
{%- endmacro %}

{#- Two runs of places "province/city/county" gainsay one another unless all that one says is said by the other too. -#}
{% macro is_contrary(one, other) -%}
    (
        ({{ place_beyond(one, other) }} and {{ place_beyond(other, one) }})
        {%- for level in (1, 2, 3) %}
        or (split_part({{ one }}, '/', {{ level }}) <> '' and split_part({{ other }}, '/', {{ level }}) <> ''
            and split_part({{ one }}, '/', {{ level }}) <> split_part({{ other }}, '/', {{ level }}))
        {%- endfor %}
    )
{%- endmacro %}

{% macro place_beyond(one, other) -%}
    (
        {%- for level in (1, 2, 3) %}
        {{ 'or ' if level > 1 }}(split_part({{ one }}, '/', {{ level }}) <> '' and split_part({{ other }}, '/', {{ level }}) = '')
        {%- endfor %}
    )
{%- endmacro %}

{#- From this score on a similar name is shown to a reviewer. -#}
{% macro review_score() -%} 0.80 {%- endmacro %}
