with source as (
    select
        delivery_as_of,
        venue_name,
        inn,
        contract_no,
        contract_on,
        n_seats,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'K05') }}
)

select * from source
