with source as (
    select
        delivery_id,
        previous_delivery_id,
        period,
        is_current,
        is_readable,
        n_fixed,
        n_left,
        n_new
    from {{ source('control', 'versions') }}
)

select * from source
