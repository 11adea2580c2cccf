with source as (
    select
        finding_key,
        rule_id,
        form_code,
        sender_territory_id,
        territory_id,
        period,
        stage,
        severity,
        column_name,
        state,
        first_as_of,
        first_delivery_id,
        opened_on,
        last_as_of,
        last_seen_on,
        last_delivery_id,
        closed_on,
        n_reopened,
        answered_on,
        answered_until,
        answered_by,
        answered_why
    from {{ source('history', 'mart_finding') }}
)

select * from source
