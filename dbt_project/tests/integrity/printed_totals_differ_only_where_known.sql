-- What: a printed total differs from the sum of its rows only as target_total_exceptions says.
-- When it matters: always; an unknown difference means that a row was mistyped.
-- What to do: compare the column with the order; if the order itself is so, record the exception.
with sums as (
    select
        columns.order_id as order_id,
        columns.column_code as column_code,
        max(columns.declared_total) - sum(targets.value) as difference
    from {{ ref('target_columns') }} as columns
    inner join {{ ref('targets') }} as targets
        on columns.order_id = targets.order_id and columns.column_code = targets.column_code
    group by
        columns.order_id,
        columns.column_code
)

select
    sums.column_code,
    sums.difference
from sums
left join {{ ref('target_total_exceptions') }} as known
    on sums.order_id = known.order_id and sums.column_code = known.column_code
where sums.difference <> coalesce(known.difference, 0)
