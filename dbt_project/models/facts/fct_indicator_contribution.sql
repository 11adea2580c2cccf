with rows_that_count as (
    select * from {{ ref('fct_indicator_source_row') }}
),

final as (
    select
        order_id,
        as_of,
        load_id,
        indicator_id,
        person_key,
        territory_id,
        {{ any_row('is_confirmed') }} as is_confirmed,
        min(counted_on) as counted_on,
        min(known_on) as known_on
    from rows_that_count
    group by
        order_id,
        as_of,
        load_id,
        indicator_id,
        person_key,
        territory_id
)

select * from final
