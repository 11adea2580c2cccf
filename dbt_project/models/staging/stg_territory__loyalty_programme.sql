with source as (
    select
        sender_territory_id,
        delivery_as_of,
        school_name,
        applied_on,
        certificate_no,
        certificate_on,
        hours,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'M10') }}
)

select * from source
