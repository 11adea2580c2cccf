with source as (
    select formulas_version
    from {{ source('history', 'versions') }}
)

select * from source
