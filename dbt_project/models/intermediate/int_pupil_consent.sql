with run as (
    select * from {{ ref('int_run') }}
),

pupils as (
    select * from {{ ref('stg_platform__pupils') }}
),

birth as (
    select * from {{ ref('stg_restricted__pupil_birth') }}
),

activity as (
    select * from {{ ref('int_pupil_activity') }}
),

dated as (
    select
        pupils.row_id as row_id,
        pupils.pupil_key as pupil_key,
        birth.birth_date as birth_date,
        run.consent_age as consent_age,
        least(
            run.consent_scan_due,
            coalesce(activity.first_activity_on, run.consent_scan_due),
            case
                when extract(year from pupils.registered_on) = run.order_year
                    then pupils.registered_on
                else run.consent_scan_due
            end
        ) as reference_on
    from pupils
    cross join run
    left join birth on pupils.row_id = birth.row_id
    left join activity on pupils.pupil_key = activity.pupil_key
),

final as (
    select
        row_id,
        pupil_key,
        reference_on,
        -- An unknown age needs a consent: the child must not lose protection by a gap in data.
        coalesce(
            {{ age_in_years('birth_date', 'reference_on') }} < consent_age, true
        ) as is_consent_required
    from dated
)

select * from final
