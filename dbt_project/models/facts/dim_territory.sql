with run as (
    select * from {{ ref('int_run') }}
),

orders as (
    select * from {{ ref('orders') }}
),

territories as (
    select * from {{ ref('territories') }}
),

all_rows as (
    select
        order_id,
        territory_id,
        name as territory_name,
        kind as territory_kind,
        parent_territory_id
    from territories
    union all
    select
        order_id,
        0 as territory_id,
        region_name as territory_name,
        'region' as territory_kind,
        cast(null as integer) as parent_territory_id
    from orders
),

final as (
    select
        {{ run_columns('run') }},
        cast(all_rows.territory_id as integer) as territory_id,
        all_rows.territory_name as territory_name,
        all_rows.territory_kind as territory_kind,
        all_rows.parent_territory_id as parent_territory_id
    from all_rows
    inner join run on all_rows.order_id = run.order_id
)

select * from final
