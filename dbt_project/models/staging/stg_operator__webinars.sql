with source as (
    select
        delivery_as_of,
        held_on,
        topic,
        webinar_form,
        n_participants,
        url,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'K01') }}
)

select * from source
