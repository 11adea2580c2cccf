with source as (
    select
        sender_territory_id,
        delivery_as_of,
        territory_name,
        territory_name_territory_id,
        position,
        order_no,
        order_on,
        valid_from,
        valid_to,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'M01') }}
)

select * from source
