with run as (
    select * from {{ ref('int_run') }}
),

navigators as (
    select * from {{ ref('dim_navigator') }}
    where is_l2_active
),

pupils as (
    select * from {{ ref('dim_pupil') }}
),

registered as (
    select
        email_key,
        min(registered_on) as registered_on
    from {{ ref('stg_platform__navigators') }}
    group by email_key
),

listed as (
    select * from {{ ref('stg_territory__navigator_list') }}
),

courses as (
    select
        training.participant_key as participant_key,
        min(training.document_on) as document_on
    from {{ ref('stg_platform__training') }} as training
    cross join run
    where
        {{ is_completed_training('course_36h', 'course_hours') }}
        and training.document_on >= run.course_from
    group by training.participant_key
),

final as (
    {{ duty_unit(
        'navigators_registered', 'listed.sender_territory_id',
        'registered.registered_on',
        'M03', 'listed.row_id'
    ) }}
    from listed
    left join registered on listed.email_key = registered.email_key
    union all
    {{ duty_unit(
        'navigators_complete', 'territory_id',
        'case when is_l3_complete then completed_on end',
        'P02', 'row_id', since_on='case when not is_l1_listed then registered_on end'
    ) }}
    from navigators
    union all
    {{ duty_unit(
        'navigators_trained', 'navigators.territory_id',
        'courses.document_on',
        'P02', 'navigators.row_id', since_on='navigators.registered_on'
    ) }}
    from navigators
    left join courses on navigators.navigator_key = courses.participant_key
    union all
    {{ duty_unit(
        'load_within_limit', 'navigators.territory_id',
        'case when not navigators.is_over_limit then run.as_of end',
        'P02', 'navigators.row_id', since_on='navigators.registered_on'
    ) }}
    from navigators
    cross join run
    union all
    {{ duty_unit(
        'pupils_attached', 'pupils.territory_id',
        'case when pupils.navigator_key is not null then run.as_of end',
        'P03', 'pupils.row_id', since_on='pupils.registered_on'
    ) }}
    from pupils
    cross join run
    where pupils.is_active
    union all
    {{ duty_unit(
        'pupils_verified', 'territory_id',
        'case
                when is_authorised
                    and is_verified
                then coalesce(verified_on, registered_on)
            end',
        'P03', 'row_id', since_on='registered_on'
    ) }}
    from pupils
    where is_active
    union all
    {{ duty_unit(
        'consents_attached', 'territory_id',
        "case
                when consent_status = 'attached'
                then coalesce(consent_on, registered_on)
            end",
        'P03', 'row_id', since_on='registered_on'
    ) }}
    from pupils
    where is_active and is_consent_required
    union all
    {{ duty_unit(
        'cohort_updated', 'pupils.territory_id',
        'case
                when extract(year from pupils.status_on) = run.order_year
                then pupils.status_on
            end',
        'P03', 'pupils.row_id'
    ) }}
    from pupils
    cross join run
    where pupils.cohort_year between run.cohort_first_year and run.cohort_last_year
)

select * from final
