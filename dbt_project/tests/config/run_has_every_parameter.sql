-- What: the run belongs to a known order, and every parameter that models use has a value.
-- When it matters: always; a missing parameter would make conditions NULL and counts zero.
-- What to do: add the order, or the parameter's row, to seeds/orders.csv or seeds/parameters.csv.
select 'exactly one run' as missing
from {{ ref('int_run') }}
having count(*) <> 1
{% for name in ['order_year'] + (run_parameters() | list) %}
    union all
    select '{{ name }}' as missing
    from {{ ref('int_run') }}
    where {{ name }} is null
{% endfor %}
