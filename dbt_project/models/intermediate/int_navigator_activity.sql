with run as (
    select * from {{ ref('int_run') }}
),

done as (
    select
        navigator_key,
        1 as n_pupils,
        0 as n_events,
        0 as n_courses
    from {{ ref('dim_pupil') }}
    where is_active and navigator_key is not null
    union all
    select
        navigator_key,
        0 as n_pupils,
        1 as n_events,
        0 as n_courses
    from {{ ref('dim_event') }}
    where is_public
    union all
    select
        training.participant_key as navigator_key,
        0 as n_pupils,
        0 as n_events,
        1 as n_courses
    from {{ ref('stg_platform__training') }} as training
    cross join run
    where
        {{ is_completed_training('course_36h', 'course_hours') }}
        and training.document_on <= run.as_of
),

final as (
    select
        navigator_key,
        cast(sum(n_pupils) as integer) as n_pupils_attached,
        cast(sum(n_events) as integer) as n_public_events,
        sum(n_courses) > 0 as is_trained
    from done
    group by navigator_key
)

select * from final
