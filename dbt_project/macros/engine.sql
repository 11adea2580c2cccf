{# What engines say differently; everything else goes through dbt's own cross-database macros. #}

{# Whole part of a quotient of whole numbers; NULL when the divisor is 0. #}
{% macro integer_divide(numerator, denominator) -%}
    {{ adapter.dispatch('integer_divide')(numerator, denominator) }}
{%- endmacro %}

{# `/` of two numerics, such as a sum of bigint, would keep the fraction; `div` drops it for any type. #}
{% macro default__integer_divide(numerator, denominator) -%}
    div(cast({{ numerator }} as numeric), nullif({{ denominator }}, 0))
{%- endmacro %}

{% macro duckdb__integer_divide(numerator, denominator) -%}
    (({{ numerator }}) // nullif({{ denominator }}, 0))
{%- endmacro %}

{# Month of a date as «YYYY-MM». #}
{% macro month_text(day) -%}
    {{ adapter.dispatch('month_text')(day) }}
{%- endmacro %}

{% macro default__month_text(day) -%}
    to_char({{ day }}, 'YYYY-MM')
{%- endmacro %}

{% macro duckdb__month_text(day) -%}
    strftime({{ day }}, '%Y-%m')
{%- endmacro %}

{# Whether any row of the group fulfils the condition; `bool_or` is not everywhere. #}
{% macro any_row(condition) -%}
    (max(case when {{ condition }} then 1 else 0 end) = 1)
{%- endmacro %}

{# Number of rows of the group that fulfil the condition. #}
{% macro count_rows(condition) -%}
    cast(count(case when {{ condition }} then 1 end) as bigint)
{%- endmacro %}

{# Number of different persons among the rows that fulfil the condition. #}
{% macro count_persons(key, condition) -%}
    cast(count(distinct case when {{ condition }} then {{ key }} end) as bigint)
{%- endmacro %}

{# Middle value of the group; of two middle ones, their mean. #}
{% macro median_value(expression) -%}
    {{ adapter.dispatch('median_value')(expression) }}
{%- endmacro %}

{% macro default__median_value(expression) -%}
    percentile_cont(0.5) within group (order by {{ expression }})
{%- endmacro %}

{% macro duckdb__median_value(expression) -%}
    median({{ expression }})
{%- endmacro %}

{# Sum of whole numbers as bigint, 0 for no rows; engines widen sum() each in its own way. #}
{% macro total(expression) -%}
    cast(coalesce(sum({{ expression }}), 0) as bigint)
{%- endmacro %}

{# One text that stands for a set of rows whatever their order: equal sets give equal texts. #}
{% macro checksum_of(expression) -%}
    {{ adapter.dispatch('checksum_of')(expression) }}
{%- endmacro %}

{% macro default__checksum_of(expression) -%}
    cast(sum(cast(hashtextextended({{ expression }}, 0) as numeric)) as varchar)
{%- endmacro %}

{% macro duckdb__checksum_of(expression) -%}
    cast(sum(hash({{ expression }})) as varchar)
{%- endmacro %}

{# Whole number that a text says; NULL when it says none. #}
{% macro whole_number(expression) -%}
    {{ adapter.dispatch('whole_number')(expression) }}
{%- endmacro %}

{# PostgreSQL 15 has no cast that forgives, and DuckDB's forgives too much («5.5» is 6): digits alone count. #}
{% macro default__whole_number(expression) -%}
    cast(substring(trim({{ expression }}) from '^[+-]?[0-9]{1,9}$') as integer)
{%- endmacro %}

{% macro duckdb__whole_number(expression) -%}
    try_cast(regexp_extract(trim({{ expression }}), '^[+-]?[0-9]{1,9}$') as integer)
{%- endmacro %}
