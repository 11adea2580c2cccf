-- What: c9 is half of c8 rounded up, c11 equals c12, c6 is within c5, and the planned pupils fit
-- the planned navigators.
-- When it matters: when targets of a year are loaded; these hold for 2024 and hint at a mistyped row.
-- What to do: compare the territory's row with the order; the rules are observed, not decreed.
{{ config(severity='warn') }}

with wide as (
    select
        targets.territory_id as territory_id,
        max(case when targets.column_code = 'c5' then targets.value end) as c5,
        max(case when targets.column_code = 'c6' then targets.value end) as c6,
        max(case when targets.column_code = 'c7' then targets.value end) as c7,
        max(case when targets.column_code = 'c8' then targets.value end) as c8,
        max(case when targets.column_code = 'c9' then targets.value end) as c9,
        max(case when targets.column_code = 'c10' then targets.value end) as c10,
        max(case when targets.column_code = 'c11' then targets.value end) as c11,
        max(case when targets.column_code = 'c12' then targets.value end) as c12,
        max(run.load_limit) as load_limit
    from {{ ref('targets') }} as targets
    inner join {{ ref('int_run') }} as run on targets.order_id = run.order_id
    group by targets.territory_id
)

select territory_id
from wide
where
    2 * c9 not between c8 and c8 + 1
    or c11 <> c12
    or c6 > c5
    or c9 + c10 > load_limit * (c6 + c7)
