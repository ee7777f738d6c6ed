{#- The two ratios of progress; both null where they are not defined, never infinite and never zero by accident. -#}

{#- Eurostat's ratio of growth rates: the rate so far over the rate needed since the base. Same sign, base not zero. -#}
{% macro cagr_ratio(base, base_year, current, current_year, target, target_year, direction) -%}
    case
        when {{ base }} > 0 and {{ current }} > 0 and {{ target }} > 0
            and {{ target }} <> {{ base }} and {{ current_year }} > {{ base_year }} and {{ target_year }} > {{ base_year }}
        then
            {{ direction }} * (power({{ current }} / {{ base }}, cast(1 as double) / ({{ current_year }} - {{ base_year }})) - 1)
            / abs(power({{ target }} / {{ base }}, cast(1 as double) / ({{ target_year }} - {{ base_year }})) - 1)
    end
{%- endmacro %}

{#- The yearly step so far over the yearly step needed since the base; defined for a base of zero. -#}
{% macro linear_ratio(base, base_year, current, current_year, target, target_year, direction) -%}
    case
        when {{ target }} <> {{ base }} and {{ current_year }} > {{ base_year }} and {{ target_year }} > {{ base_year }}
        then
            ({{ direction }} * ({{ current }} - {{ base }}) / ({{ current_year }} - {{ base_year }}))
            / (abs({{ target }} - {{ base }}) / ({{ target_year }} - {{ base_year }}))
    end
{%- endmacro %}

{#- Destatis' projection: the mean yearly change since the earliest of the last five years, carried on to the target year. -#}
{% macro projected(row) -%}
    case
        when {{ row }}.target_year > {{ row }}.period_year
        then
            {{ row }}.value + ({{ row }}.value - {{ row }}.trend_from_value)
            / ({{ row }}.period_year - {{ row }}.trend_from_year) * ({{ row }}.target_year - {{ row }}.period_year)
    end
{%- endmacro %}
