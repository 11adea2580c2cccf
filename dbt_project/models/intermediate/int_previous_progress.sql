with before as (
    select
        territory_id,
        indicator_id,
        fact,
        target
    from {{ ref('stg_history__progress') }}
)

select * from before
