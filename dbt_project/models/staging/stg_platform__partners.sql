with source as (
    select
        delivery_as_of,
        partner_id,
        partner_name,
        inn,
        municipality,
        municipality_territory_id,
        cabinet_on,
        agreement_no,
        agreement_on,
        status,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'P10') }}
)

select * from source
