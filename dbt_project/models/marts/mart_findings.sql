with run as (
    select * from {{ ref('int_run') }}
),

rules as (
    select * from {{ ref('dim_rule') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

counted as (
    select
        rule_id,
        form_code,
        coalesce(territory_id, 0) as territory_id,
        min(severity) as severity,
        min(stage) as stage,
        cast(count(*) as bigint) as n_findings
    from {{ ref('fct_finding') }}
    group by
        rule_id,
        form_code,
        coalesce(territory_id, 0)
),

final as (
    select
        {{ run_columns('run') }},
        counted.rule_id as rule_id,
        coalesce(counted.form_code, '') as form_code,
        cast(counted.territory_id as integer) as territory_id,
        coalesce(rules.rule_title, counted.rule_id) as rule_title,
        coalesce(rules.severity, counted.severity) as severity,
        coalesce(rules.stage, counted.stage) as stage,
        territories.territory_name as territory_name,
        counted.n_findings as n_findings,
        rules.n_checked as n_rows_checked,
        {{ ratio('counted.n_findings', 'rules.n_checked', 4, 9) }} as share
    from counted
    cross join run
    left join rules
        on
            counted.rule_id = rules.rule_id
            and counted.form_code = rules.form_code
    left join territories on counted.territory_id = territories.territory_id
)

select * from final
