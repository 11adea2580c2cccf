with run as (
    select * from {{ ref('int_run') }}
),

rules as (
    select * from {{ ref('stg_control__rules') }}
),

final as (
    select
        {{ run_columns('run') }},
        rules.rule_id as rule_id,
        rules.form_code as form_code,
        rules.stage as stage,
        rules.severity as severity,
        rules.title_ru as rule_title,
        rules.clause as clause,
        rules.n_checked as n_checked,
        rules.n_failed as n_failed
    from rules
    cross join run
)

select * from final
