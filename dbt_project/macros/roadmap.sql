{# One branch of the units that criteria count: what has to be fulfilled, where, and since when (NULL:
   not yet). `row` is the address of the row that proves it; `weight` is 1 unless a unit counts for
   more; `period` and `argument` tell apart the duties that one criterion judges. Who came on
   `since_on`, after the due day, does not owe what was due before. #}
{% macro duty_unit(
    criterion, territory, fulfilled_on, form, row, argument="''", period='null', weight='1', since_on='null'
) -%}
    select
        '{{ criterion }}' as criterion,
        cast({{ argument }} as {{ dbt.type_string() }}) as argument,
        cast({{ territory }} as integer) as territory_id,
        cast({{ period }} as {{ dbt.type_string() }}) as period,
        cast({{ fulfilled_on }} as date) as fulfilled_on,
        cast({{ since_on }} as date) as since_on,
        cast({{ weight }} as bigint) as weight,
        {% if form %}'{{ form }}'{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as evidence_form,
        cast({{ row }} as {{ dbt.type_string() }}) as evidence_row_id
{%- endmacro %}
