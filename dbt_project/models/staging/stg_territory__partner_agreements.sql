with source as (
    select
        sender_territory_id,
        delivery_as_of,
        partner_name,
        inn,
        agreement_no,
        agreement_on,
        is_free,
        has_cabinet,
        request_no,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'M07') }}
)

select * from source
