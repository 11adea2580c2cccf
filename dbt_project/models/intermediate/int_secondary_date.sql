with run as (
    select * from {{ ref('int_run') }}
),

indicators as (
    select * from {{ ref('secondary_indicators') }}
    where dates_item is not null
),

-- A control date that has not come yet has no figure.
final as (
    select
        indicators.measure as measure,
        points.due_on as date_on
    from indicators
    inner join run on indicators.order_id = run.order_id
    inner join {{ ref('dim_control_point') }} as points on indicators.dates_item = points.item
    where points.due_on <= run.as_of
)

select * from final
