with source as (
    select
        delivery_as_of,
        programme_id,
        venue_id,
        programme_name,
        direction,
        grades,
        submitted_on,
        status,
        approved_on,
        is_carried_over,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'P08') }}
)

select * from source
