with source as (
    select
        sender_territory_id,
        delivery_as_of,
        school_name,
        n_events,
        n_pupils,
        n_teachers,
        n_parents,
        url,
        held_from,
        held_to,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'M05') }}
)

select * from source
