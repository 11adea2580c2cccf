with source as (
    select
        pupil_key,
        evidence
    from {{ source('history', 'dim_pupil') }}
)

select * from source
