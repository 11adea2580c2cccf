with versions as (
    select * from {{ ref('stg_control__versions') }}
),

deliveries as (
    select * from {{ ref('stg_control__deliveries') }}
),

final as (
    select
        deliveries.form_code as form_code,
        deliveries.sender_territory_id as sender_territory_id,
        versions.period as period,
        max(cast(deliveries.received_at as date)) as received_on
    from versions
    inner join deliveries on versions.delivery_id = deliveries.delivery_id
    where versions.is_readable
    group by
        deliveries.form_code,
        deliveries.sender_territory_id,
        versions.period
)

select * from final
