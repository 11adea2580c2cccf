-- What: each territory has a number in each column of the order's table, and no other.
-- When it matters: always; the region's plan is the sum of these rows.
-- What to do: compare seeds/targets.csv with the printed table.
with grid as (
    select
        territories.order_id as order_id,
        territories.territory_id as territory_id,
        columns.column_code as column_code
    from {{ ref('territories') }} as territories
    inner join {{ ref('target_columns') }} as columns on territories.order_id = columns.order_id
)

select
    coalesce(grid.territory_id, targets.territory_id) as territory_id,
    coalesce(grid.column_code, targets.column_code) as column_code
from grid
full outer join {{ ref('targets') }} as targets
    on
        grid.order_id = targets.order_id
        and grid.territory_id = targets.territory_id
        and grid.column_code = targets.column_code
where grid.territory_id is null or targets.value is null
