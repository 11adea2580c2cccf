with source as (
    select
        delivery_as_of,
        school_name,
        inn,
        requested_on,
        agreement_no,
        agreement_on,
        status,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'K03') }}
)

select * from source
