with source as (
    select
        delivery_as_of,
        role,
        order_ref,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'K08') }}
)

select * from source
