with source as (
    select
        delivery_as_of,
        slot_id,
        slot_kind,
        venue_id,
        partner_id,
        programme_id,
        slot_on,
        starts_at,
        n_seats,
        n_enrolled,
        published_at,
        status,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'P09') }}
)

select * from source
