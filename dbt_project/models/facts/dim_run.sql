with run as (
    select * from {{ ref('int_run') }}
),

told as (
    select * from {{ ref('stg_control__run') }}
),

targets as (
    select max(plan_version) as plan_version from {{ ref('fct_target') }}
),

versions as (
    select formulas_version from {{ ref('stg_history__versions') }}
),

final as (
    select
        {{ run_columns('run') }},
        told.known_at as known_at,
        run.known_on as known_on,
        told.rules_version as rules_version,
        versions.formulas_version as formulas_version,
        targets.plan_version as plan_version
    from run
    cross join told
    cross join targets
    cross join versions
)

select * from final
