with source as (
    select
        form_code,
        form_title,
        sender_kind,
        sender_territory_id,
        period,
        due_on,
        is_due
    from {{ source('control', 'expected') }}
)

select * from source
