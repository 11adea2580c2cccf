with source as (
    select
        row_key,
        person_key,
        evidence
    from {{ source('history', 'fct_participation') }}
)

select * from source
