with run as (
    select * from {{ ref('int_run') }}
),

findings as (
    select * from {{ ref('stg_control__findings') }}
),

final as (
    select
        {{ run_columns('run') }},
        findings.delivery_id as delivery_id,
        findings.form_code as form_code,
        findings.sender_territory_id as sender_territory_id,
        findings.territory_id as territory_id,
        findings.rule_id as rule_id,
        findings.severity as severity,
        findings.stage as stage,
        findings.sheet as sheet,
        findings.source_row as source_row,
        findings.column_name as column_name
    from findings
    cross join run
)

select * from final
