with source as (
    select
        order_id,
        as_of,
        known_at,
        run_id,
        load_id,
        rules_version
    from {{ source('control', 'run') }}
)

select * from source
