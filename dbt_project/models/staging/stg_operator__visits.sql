with source as (
    select
        delivery_as_of,
        visited_on,
        place,
        act_no,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'K07') }}
)

select * from source
