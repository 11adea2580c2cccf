with source as (
    select
        event_id,
        pupil_key,
        status,
        enrolled_at,
        confirmed_at,
        grade_at_event,
        school_id_at_event,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'P05') }}
)

select * from source
