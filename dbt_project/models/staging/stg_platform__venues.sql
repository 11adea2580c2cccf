with source as (
    select
        delivery_as_of,
        venue_id,
        venue_name,
        inn,
        venue_type,
        municipality,
        municipality_territory_id,
        cabinet_on,
        status,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'P07') }}
)

select * from source
