with source as (
    select
        sender_territory_id,
        delivery_as_of,
        order_no,
        order_on,
        school_name,
        inn,
        is_agreement_requested,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'M02') }}
)

select * from source
