{# Measures of the secondary indicators: how many of how many, in which territory. A measure that
   counts persons or takes a middle value brings its own row of the region (territory 0); of the
   others the region is the sum. #}

{% macro measure_row(
    measure, numerator, denominator='null', measured='null', territory='territory_id', dimension="''"
) -%}
    '{{ measure }}' as measure,
        cast({{ territory }} as integer) as territory_id,
        cast({{ dimension }} as {{ dbt.type_string() }}) as dimension,
        cast({{ numerator }} as bigint) as numerator,
        cast({{ denominator }} as bigint) as denominator,
        cast({{ measured }} as decimal(12, 1)) as measured
{%- endmacro %}

{# Rows of a territory that fulfil `done`, out of those that fulfil `base`. #}
{% macro measure_share(measure, source, base, done) -%}
    select
        {{ measure_row(
            measure,
            count_rows('(' ~ base ~ ') and (' ~ done ~ ')'),
            count_rows(base)
        ) }}
    from {{ source }}
    group by territory_id
{%- endmacro %}

{# Rows of a territory that fulfil the condition. #}
{% macro measure_count(measure, source, condition) -%}
    select
        {{ measure_row(measure, count_rows(condition)) }}
    from {{ source }}
    group by territory_id
{%- endmacro %}
