with source as (
    select
        row_id,
        birth_date
    from {{ source('restricted', 'P03_restricted') }}
)

select * from source
