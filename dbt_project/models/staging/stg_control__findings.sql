with source as (
    select
        delivery_id,
        form_code,
        sender_territory_id,
        territory_id,
        rule_id,
        severity,
        stage,
        sheet,
        row as source_row,
        column_name,
        period,
        finding_key,
        answered,
        answered_on,
        answered_until,
        answered_by,
        answered_why
    from {{ source('control', 'findings') }}
)

select * from source
