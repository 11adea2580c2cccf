with source as (
    select
        sender_territory_id,
        delivery_as_of,
        school_name,
        held_on,
        topic,
        meeting_format,
        n_participants,
        grades,
        url,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'M08') }}
)

select * from source
