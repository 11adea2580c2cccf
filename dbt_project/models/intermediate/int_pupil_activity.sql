with run as (
    select * from {{ ref('int_run') }}
),

events as (
    select
        event_id,
        event_on
    from {{ ref('dim_event') }}
),

participations as (
    select * from {{ ref('stg_platform__participations') }}
),

diagnostics as (
    select * from {{ ref('stg_platform__diagnostics') }}
),

activity as (
    select
        participations.pupil_key as pupil_key,
        min(events.event_on) as activity_on
    from participations
    inner join events on participations.event_id = events.event_id
    cross join run
    where
        participations.status = run.participation_status_counted
        and extract(year from events.event_on) = run.order_year
    group by participations.pupil_key
    union all
    select
        diagnostics.pupil_key as pupil_key,
        min(cast(diagnostics.started_at as date)) as activity_on
    from diagnostics
    cross join run
    where extract(year from diagnostics.started_at) = run.order_year
    group by diagnostics.pupil_key
),

final as (
    select
        pupil_key,
        min(activity_on) as first_activity_on
    from activity
    group by pupil_key
)

select * from final
