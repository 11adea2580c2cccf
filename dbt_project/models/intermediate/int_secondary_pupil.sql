with run as (
    select * from {{ ref('int_run') }}
),

participants as (
    select distinct participations.pupil_key as pupil_key
    from {{ ref('fct_participation') }} as participations
    cross join run
    where
        participations.is_attended
        and participations.event_on <= run.as_of
        and extract(year from participations.event_on) = run.order_year
),

pupils as (
    select
        pupils.*,
        pupils.cohort_year between run.cohort_first_year and run.cohort_last_year as is_of_cohort,
        -- A status of an earlier year says nothing about this one.
        extract(year from pupils.status_on) = run.order_year as is_updated,
        pupils.status in ('graduated_9', 'graduated_11') as is_graduate,
        participants.pupil_key is not null as has_participated
    from {{ ref('dim_pupil') }} as pupils
    cross join run
    left join participants on pupils.pupil_key = participants.pupil_key
    where pupils.territory_id is not null
),

subjects as (
    select * from {{ ref('int_consent_subject') }}
    where territory_id is not null and is_original_required
),

final as (
    {{ measure_count('pupils_covered', 'pupils', 'is_counted_i3 or is_counted_i4') }}
    union all
    {{ measure_count('pupils_of_cohort', 'pupils', 'is_of_cohort') }}
    union all
    {{ measure_share('cohort_updated', 'pupils', 'is_of_cohort', 'is_updated') }}
    union all
    {{ measure_count('graduates_participated', 'pupils', 'is_graduate and has_participated') }}
    union all
    {{ measure_share('pupils_authorised', 'pupils', 'is_active', 'is_authorised') }}
    union all
    {{ measure_share('pupils_verified', 'pupils', 'is_active', 'is_verified') }}
    union all
    {{ measure_count('pupils_without_navigator', 'pupils', 'is_active and navigator_key is null') }}
    union all
    {{ measure_share('consents_attached', 'subjects', "subject_kind = 'pupil'", 'is_scan_attached') }}
    union all
    {{ measure_share('originals_received', 'subjects', 'is_original_required', 'is_original_received') }}
)

select * from final
