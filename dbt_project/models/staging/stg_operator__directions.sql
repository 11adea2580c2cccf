with source as (
    select
        delivery_as_of,
        direction,
        list_kind,
        list_year,
        addressee,
        letter_no,
        letter_on,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'K04') }}
)

select * from source
