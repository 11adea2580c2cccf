with run as (
    select * from {{ ref('int_run') }}
),

navigators as (
    select * from {{ ref('dim_navigator') }}
    where territory_id is not null
),

rungs as (
    select
        'L1' as level,
        territory_id,
        is_continuing,
        is_new
    from navigators
    where is_l1_listed
    union all
    select
        'L2' as level,
        territory_id,
        is_continuing,
        is_new
    from navigators
    where is_l2_active
    union all
    select
        'L3' as level,
        territory_id,
        is_continuing,
        is_new
    from navigators
    where is_l2_active and is_l3_complete
    union all
    select
        'L4' as level,
        territory_id,
        is_continuing,
        is_new
    from navigators
    where is_l2_active and is_l3_complete and is_l4_attached
    union all
    select
        'L5' as level,
        territory_id,
        is_continuing,
        is_new
    from navigators
    where is_l2_active and is_l3_complete and is_l5_published
    union all
    select
        'L6' as level,
        territory_id,
        is_continuing,
        is_new
    from navigators
    where is_l2_active and is_l3_complete and is_l6_trained
),

placed as (
    select
        level,
        territory_id,
        is_continuing,
        is_new
    from rungs
    union all
    select
        level,
        0 as territory_id,
        is_continuing,
        is_new
    from rungs
),

final as (
    select
        {{ run_columns('run') }},
        cast(placed.territory_id as integer) as territory_id,
        placed.level as level,
        {{ count_rows('placed.is_continuing') }} as n_continuing,
        {{ count_rows('placed.is_new') }} as n_new,
        cast(count(*) as bigint) as n_navigators
    from placed
    cross join run
    group by
        run.order_id,
        run.as_of,
        run.load_id,
        placed.territory_id,
        placed.level
)

select * from final
