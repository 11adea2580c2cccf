with source as (
    select
        indicator_id,
        person_key,
        territory_id
    from {{ source('history', 'fct_indicator_contribution') }}
)

select * from source
