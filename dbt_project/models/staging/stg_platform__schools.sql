with source as (
    select
        school_id,
        inn,
        full_name,
        short_name,
        full_name_territory_id,
        municipality_territory_id,
        subordination,
        participation_status,
        first_year,
        included_on,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'P01') }}
)

select * from source
