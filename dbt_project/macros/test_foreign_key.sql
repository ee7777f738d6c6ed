{#- What the columns name is in the other table. With a separator the last column may name several; an empty one names nothing. -#}
{% test foreign_key(model, columns, to, fields, separator=none) %}
    {%- set last = 'child.' ~ columns[-1] %}
    select {% for column in columns %}child.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ model }} as child
    left join {{ to }} as parent
        on
        {%- for column in columns[:-1] %}
        child.{{ column }} = parent.{{ fields[loop.index0] }} and
        {%- endfor %}
        {%- if separator %}
        '{{ separator }}' || {{ last }} || '{{ separator }}' like '%{{ separator }}' || parent.{{ fields[-1] }} || '{{ separator }}%'
        {%- else %}
        {{ last }} = parent.{{ fields[-1] }}
        {%- endif %}
    where {{ last }} is not null
    group by {% for column in columns %}child.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    having count(distinct parent.{{ fields[-1] }}) <
        {%- if separator %} length({{ last }}) - length(replace({{ last }}, '{{ separator }}', '')) + 1
        {%- else %} 1
        {%- endif %}
{% endtest %}
