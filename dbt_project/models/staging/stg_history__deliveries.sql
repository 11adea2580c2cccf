with source as (
    select
        form_code,
        delivery_as_of
    from {{ source('history', 'fct_delivery') }}
)

select * from source
