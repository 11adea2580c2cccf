with source as (
    select
        delivery_as_of,
        week_no,
        lesson_on,
        topic,
        methodology_code,
        grades,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'R05') }}
)

select * from source
