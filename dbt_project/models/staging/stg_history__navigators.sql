with source as (
    select
        navigator_key,
        evidence
    from {{ source('history', 'dim_navigator') }}
)

select * from source
