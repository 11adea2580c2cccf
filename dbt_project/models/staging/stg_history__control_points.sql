with source as (
    select
        control_id,
        territory_id,
        done_on,
        evidence_form,
        evidence_delivery_id,
        evidence_row_id
    from {{ source('history', 'fct_control_point') }}
)

select * from source
