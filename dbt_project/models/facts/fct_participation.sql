with run as (
    select * from {{ ref('int_run') }}
),

events as (
    select * from {{ ref('dim_event') }}
),

pupils as (
    select * from {{ ref('dim_pupil') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

-- One row of a pupil at an event: another one was rejected before it came here (V-35c).
participations as (
    select * from {{ ref('stg_platform__participations') }}
),

final as (
    select
        {{ run_columns('run') }},
        participations.event_id as event_id,
        participations.pupil_key as pupil_key,
        participations.status as status,
        events.event_type as event_type,
        events.place_type as place_type,
        events.event_on as event_on,
        -- Known once the event is published and the attendance confirmed, whichever is later.
        cast(
            greatest(
                events.published_at,
                coalesce(participations.confirmed_at, events.published_at)
            ) as date
        ) as known_on,
        participations.school_id_at_event as school_id_at_event,
        coalesce(school.territory_id, pupils.territory_id) as territory_id,
        cast(participations.grade_at_event as integer) as grade_at_event,
        -- A status that could not be read counts as no attendance.
        coalesce(participations.status = run.participation_status_counted, false) as is_attended,
        coalesce(events.event_on > run.fact_to, false) as is_after_window,
        coalesce(
            participations.status = run.participation_status_counted and events.is_counted_i5,
            false
        ) as is_counted_i5,
        coalesce(
            participations.status = run.participation_status_counted and events.is_counted_i6,
            false
        ) as is_counted_i6,
        coalesce(
            participations.status = run.participation_status_counted and events.is_creditable_i5,
            false
        ) as is_creditable_i5,
        coalesce(
            participations.status = run.participation_status_counted and events.is_creditable_i6,
            false
        ) as is_creditable_i6,
        coalesce(
            pupils.is_confirmed and events.is_trial_proven and not participations.has_error,
            false
        ) as is_confirmed_i5,
        coalesce(
            pupils.is_confirmed and events.is_partner_known and not participations.has_error,
            false
        ) as is_confirmed_i6,
        {{ evidence_of([
            'participations.status', 'participations.school_id_at_event', 'participations.has_error',
            'events.event_type', 'events.event_format', 'events.place_type', 'events.event_on',
            'events.programme_id', 'events.status', 'events.has_error', 'pupils.is_confirmed'
        ]) }} as evidence,
        participations.has_error as has_error,
        participations.row_id as row_id
    from participations
    cross join run
    left join events on participations.event_id = events.event_id
    left join pupils on participations.pupil_key = pupils.pupil_key
    left join schools as school on participations.school_id_at_event = school.school_id
)

select * from final
