with run as (
    select * from {{ ref('int_run') }}
),

navigators as (
    select * from {{ ref('dim_navigator') }}
),

pupils as (
    select * from {{ ref('dim_pupil') }}
),

participations as (
    select * from {{ ref('fct_participation') }}
),

counted as (
    select
        'I-1' as indicator_id,
        navigator_key as person_key,
        territory_id,
        is_confirmed_i1 as is_confirmed,
        row_id
    from navigators
    where is_counted_i1
    union all
    select
        'I-2' as indicator_id,
        navigator_key as person_key,
        territory_id,
        is_confirmed_i2 as is_confirmed,
        row_id
    from navigators
    where is_counted_i2
    union all
    select
        'I-3' as indicator_id,
        pupil_key as person_key,
        territory_id,
        is_confirmed as is_confirmed,
        row_id
    from pupils
    where is_counted_i3
    union all
    select
        'I-4' as indicator_id,
        pupil_key as person_key,
        territory_id,
        is_confirmed as is_confirmed,
        row_id
    from pupils
    where is_counted_i4
    union all
    select
        'I-5' as indicator_id,
        pupil_key as person_key,
        territory_id,
        is_confirmed_i5 as is_confirmed,
        row_id
    from participations
    where is_counted_i5
    union all
    select
        'I-6' as indicator_id,
        pupil_key as person_key,
        territory_id,
        is_confirmed_i6 as is_confirmed,
        row_id
    from participations
    where is_counted_i6
),

final as (
    select
        {{ run_columns('run') }},
        counted.indicator_id as indicator_id,
        counted.person_key as person_key,
        counted.territory_id as territory_id,
        counted.is_confirmed as is_confirmed,
        counted.row_id as row_id
    from counted
    cross join run
)

select * from final
