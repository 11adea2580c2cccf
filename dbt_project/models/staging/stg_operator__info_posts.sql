with source as (
    select
        delivery_as_of,
        posted_on,
        channel,
        url,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'K02') }}
)

select * from source
