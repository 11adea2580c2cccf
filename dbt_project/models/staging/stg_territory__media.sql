with source as (
    select
        sender_territory_id,
        delivery_as_of,
        published_on,
        outlet,
        level,
        kind,
        url,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'M09') }}
)

select * from source
