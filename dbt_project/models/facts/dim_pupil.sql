with run as (
    select * from {{ ref('int_run') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

consents as (
    select * from {{ ref('int_pupil_consent') }}
),

pupils as (
    select
        *,
        -- A pupil listed in two schools belongs to the one with the newest status (Q-14).
        row_number() over (
            partition by pupil_key
            order by status_on desc nulls last, has_error asc, source_row desc nulls last, row_id asc
        ) as newest
    from {{ ref('stg_platform__pupils') }}
),

judged as (
    select
        pupils.*,
        {{ run_columns('run') }},
        schools.territory_id as territory_id,
        consents.is_consent_required as is_consent_required,
        not consents.is_consent_required or pupils.consent_status = 'attached' as is_consent_ok,
        pupils.status in ('new', 'continuing') as is_active,
        pupils.grade between run.grade_min and run.grade_max as is_in_grades,
        pupils.cohort_year between run.cohort_first_year and run.cohort_last_year
        and pupils.status = 'continuing' as is_continuing,
        pupils.cohort_year = run.order_year and pupils.status <> 'deleted' as is_new,
        run.pupil_active_level as active_level
    from pupils
    cross join run
    left join schools on pupils.school_id = schools.school_id
    left join consents on pupils.row_id = consents.row_id
    where pupils.newest = 1
),

confirmed as (
    select
        *,
        is_authorised
        and is_verified
        and is_consent_ok
        and navigator_key is not null
        and not has_error as is_confirmed
    from judged
),

final as (
    select
        order_id,
        as_of,
        load_id,
        pupil_key,
        cast(grade as integer) as grade,
        school_id,
        cast(territory_id as integer) as territory_id,
        navigator_key,
        registered_on,
        cast(cohort_year as integer) as cohort_year,
        status,
        status_on,
        is_authorised,
        is_verified,
        cast(greatest(authorised_at, coalesce(verified_at, authorised_at)) as date) as verified_on,
        consent_status,
        consent_on,
        is_consent_required,
        is_consent_ok,
        is_active,
        coalesce(is_confirmed, false) as is_confirmed,
        coalesce(
            is_continuing and is_in_grades and (active_level = 'literal' or is_confirmed), false
        ) as is_counted_i3,
        coalesce(
            is_new and is_in_grades and (active_level = 'literal' or is_confirmed), false
        ) as is_counted_i4,
        {{ evidence_of([
            'school_id', 'grade', 'cohort_year', 'status', 'navigator_key', 'is_authorised',
            'is_verified', 'consent_status', 'is_consent_required', 'has_error'
        ]) }} as evidence,
        has_error,
        row_id
    from confirmed
)

select * from final
