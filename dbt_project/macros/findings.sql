{# Whether a finding came to this state since the publication before; one that returned and was closed
   again came to it anew. `life` is an alias of `int_finding_life`. #}
{% macro became(life, state) -%}
    {{ life }}.state = '{{ state }}'
    and (coalesce({{ life }}.previous_state <> '{{ state }}', true) or {{ life }}.is_returned)
{%- endmacro %}
