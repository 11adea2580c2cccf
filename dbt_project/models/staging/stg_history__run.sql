with source as (
    select
        as_of,
        known_on,
        load_id,
        rules_version,
        formulas_version,
        plan_version
    from {{ source('history', 'dim_run') }}
)

select * from source
