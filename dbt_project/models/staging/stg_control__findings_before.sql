with source as (
    select
        delivery_id,
        form_code,
        sender_territory_id,
        territory_id,
        rule_id,
        severity,
        stage,
        column_name,
        period,
        finding_key
    from {{ source('control', 'findings_before') }}
)

select * from source
