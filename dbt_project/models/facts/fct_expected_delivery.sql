with run as (
    select * from {{ ref('int_run') }}
),

orders as (
    select * from {{ ref('orders') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

expected as (
    select * from {{ ref('stg_control__expected') }}
),

final as (
    select
        {{ run_columns('run') }},
        expected.form_code as form_code,
        expected.form_title as form_title,
        expected.sender_kind as sender_kind,
        expected.sender_territory_id as sender_territory_id,
        case
            when expected.sender_kind = 'platform' then orders.platform_name
            when expected.sender_kind = 'operator' then orders.operator_name
            else territories.territory_name
        end as sender_name,
        expected.period as period,
        expected.due_on as due_on,
        expected.is_due as is_due
    from expected
    cross join run
    inner join orders on run.order_id = orders.order_id
    left join territories on expected.sender_territory_id = territories.territory_id
)

select * from final
