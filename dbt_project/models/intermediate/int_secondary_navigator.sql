with run as (
    select * from {{ ref('int_run') }}
),

courses as (
    select
        training.participant_key as participant_key,
        min(training.document_on) as document_on
    from {{ ref('stg_platform__training') }} as training
    cross join run
    where
        {{ is_completed_training('course_36h', 'course_hours') }}
    group by training.participant_key
),

navigators as (
    select
        navigators.*,
        courses.document_on as document_on,
        coalesce(courses.document_on <= run.as_of, false) as is_trained
    from {{ ref('dim_navigator') }} as navigators
    cross join run
    left join courses on navigators.navigator_key = courses.participant_key
    where navigators.territory_id is not null
),

dates as (
    select * from {{ ref('int_secondary_date') }}
),

-- The largest load of the region is one of its territories' largest.
loads as (
    select
        territory_id,
        n_pupils_attached
    from navigators
    where is_l2_active
    union all
    select
        0 as territory_id,
        n_pupils_attached
    from navigators
    where is_l2_active
),

final as (
    {{ measure_share('navigators_complete', 'navigators', 'is_l2_active', 'is_l3_complete') }}
    union all
    {{ measure_share('navigators_trained', 'navigators', 'is_l2_active', 'is_trained') }}
    union all
    {{ measure_share(
        'navigators_trained_continuing', 'navigators', 'is_l2_active and is_continuing', 'is_trained'
    ) }}
    union all
    {{ measure_share('navigators_trained_new', 'navigators', 'is_l2_active and is_new', 'is_trained') }}
    union all
    {{ measure_count('navigators_of_cohort', 'navigators', 'is_continuing') }}
    union all
    {{ measure_count('navigators_over_limit', 'navigators', 'is_l2_active and is_over_limit') }}
    union all
    select
        {{ measure_row(
            'navigators_trained_by_date',
            count_rows('navigators.document_on <= dates.date_on'),
            'count(*)',
            territory='navigators.territory_id',
            dimension='dates.date_on'
        ) }}
    from navigators
    inner join dates on dates.measure = 'navigators_trained_by_date'
    where navigators.is_l2_active
    group by
        navigators.territory_id,
        dates.date_on
    union all
    select
        {{ measure_row(
            'navigators_new_after_due',
            count_rows('navigators.is_counted_i2 and navigators.registered_on > dates.date_on'),
            territory='navigators.territory_id'
        ) }}
    from navigators
    inner join dates on dates.measure = 'navigators_new_after_due'
    group by navigators.territory_id
    union all
    select
        {{ measure_row('navigator_load_max', 'null', measured='max(n_pupils_attached)') }}
    from loads
    group by territory_id
)

select * from final
