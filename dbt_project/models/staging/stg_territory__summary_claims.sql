with source as (
    select
        sender_territory_id,
        delivery_as_of,
        indicator_id,
        value_period,
        value_cumulative,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'M11') }}
)

select * from source
