with source as (
    select
        event_id,
        event_type,
        event_format,
        event_name,
        direction,
        event_on,
        place_type,
        venue_id,
        partner_id,
        school_id,
        programme_id,
        slot_id,
        navigator_key,
        municipality_territory_id,
        published_at,
        status,
        n_enrolled,
        n_attended,
        is_free,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'P04') }}
)

select * from source
