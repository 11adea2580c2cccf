with source as (
    select
        territory_id,
        indicator_id,
        fact,
        target,
        value_status
    from {{ source('history', 'mart_indicator_progress') }}
)

select * from source
