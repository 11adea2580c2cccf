{# Rules of the order that several models share. #}

{# A parameter of the decision register as one typed column (inside an aggregate over the seed). #}
{% macro parameter(name, data_type) -%}
    cast(max(case when name = '{{ name }}' then value end) as {{ data_type }}) as {{ name }}
{%- endmacro %}

{# Percentage rounded half up to `digits` decimals, in whole numbers: 667 of 2000 is 33.4, which
   a binary fraction would show as 33.3. NULL when the divisor is 0. #}
{% macro percent(numerator, denominator, digits) -%}
    {%- set scale = 100 * 10 ** digits -%}
    cast(
        {{ integer_divide(
            '2 * ' ~ scale ~ ' * (' ~ numerator ~ ') + (' ~ denominator ~ ')',
            '2 * (' ~ denominator ~ ')'
        ) }} * {{ '%.*f' | format(digits, 10 ** -digits) }}
        as decimal(9, {{ digits }})
    )
{%- endmacro %}

{# Quotient rounded half up to `digits` decimals as decimal(12, digits). #}
{% macro ratio(numerator, denominator, digits, precision=12) -%}
    {%- set scale = 10 ** digits -%}
    cast(
        {{ integer_divide(
            '2 * ' ~ scale ~ ' * (' ~ numerator ~ ') + (' ~ denominator ~ ')',
            '2 * (' ~ denominator ~ ')'
        ) }} * {{ '%.*f' | format(digits, 10 ** -digits) }}
        as decimal({{ precision }}, {{ digits }})
    )
{%- endmacro %}

{# Full years on a day. Compares month and day as numbers, so a birthday on 29 February is reached
   on 1 March of a year without one (Q-08). #}
{% macro age_in_years(birth_date, on_day) -%}
    (
        extract(year from {{ on_day }}) - extract(year from {{ birth_date }})
        - case
            when
                extract(month from {{ on_day }}) * 100 + extract(day from {{ on_day }})
                < extract(month from {{ birth_date }}) * 100 + extract(day from {{ birth_date }})
                then 1
            else 0
        end
    )
{%- endmacro %}

{# The columns that every published table carries; `run` is an alias of `int_run`. #}
{% macro run_columns(run) -%}
    {{ run }}.order_id as order_id,
    {{ run }}.as_of as as_of,
    {{ run }}.load_id as load_id
{%- endmacro %}

{# Whether a list in one cell names an item: «P04;P05» the form «P05». #}
{% macro is_listed(items, item, mark=';') -%}
    {{ dbt.concat(["'" ~ mark ~ "'", items, "'" ~ mark ~ "'"]) }}
    like {{ dbt.concat(["'%" ~ mark ~ "'", item, "'" ~ mark ~ "%'"]) }}
{%- endmacro %}

{# Whether «I-1+I-2» names the indicator «I-2». #}
{% macro has_component(components, indicator_id) -%}
    {{ is_listed(components, indicator_id, '+') }}
{%- endmacro %}

{# A percentage for readers: one decimal, half up, and never 100,0 before the last person is there. #}
{% macro percent_display(part, whole) -%}
    case
        when {{ part }} < {{ whole }} then least({{ percent(part, whole, 1) }}, 99.9)
        else {{ percent(part, whole, 1) }}
    end
{%- endmacro %}

{# One hash over columns: equal hashes say that nothing that matters has changed. #}
{% macro evidence_of(columns) -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- if not loop.first %}{% do parts.append("'|'") %}{% endif -%}
        {%- do parts.append("coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), '')") -%}
    {%- endfor -%}
    {{ dbt.hash(dbt.concat(parts)) }}
{%- endmacro %}

{# Whether something was taken from a file, though a newer one may have replaced it since. #}
{% macro is_taken(status) -%}
    {{ status }} in ('accepted', 'accepted_with_remarks', 'partially_accepted', 'superseded')
{%- endmacro %}

{# A training that counts: the programme finished, with the hours that the order asks for.
    `programme` and `hours` name the programme and its column of int_run; the relations are called
    `training` and `run`. (pp. 12-13) #}
{% macro is_completed_training(programme, hours) -%}
    training.programme = '{{ programme }}'
        and training.status = 'finished'
        and training.hours >= run.{{ hours }}
{%- endmacro %}
