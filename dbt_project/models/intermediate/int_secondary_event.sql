with run as (
    select * from {{ ref('int_run') }}
),

events as (
    select * from {{ ref('dim_event') }}
    where is_public and territory_id is not null
),

-- The middle of the region is not the middle of its territories' middles.
lags as (
    select
        territory_id,
        publication_lag_wd
    from events
    union all
    select
        0 as territory_id,
        publication_lag_wd
    from events
),

-- Online trials count for no target, and are shown beside (Q-12).
online as (
    select
        participations.pupil_key as pupil_key,
        participations.territory_id as territory_id
    from {{ ref('fct_participation') }} as participations
    inner join {{ ref('dim_event') }} as events on participations.event_id = events.event_id
    cross join run
    where
        participations.is_attended
        and events.event_format = 'online'
        and events.event_type = 'trial'
        and events.status = 'held'
        and events.event_on between run.fact_from and run.fact_to
        and events.event_on <= run.as_of
        and participations.territory_id is not null
),

online_placed as (
    select
        territory_id,
        pupil_key
    from online
    union all
    select
        0 as territory_id,
        pupil_key
    from online
),

final as (
    {{ measure_share(
        'events_published_in_time', 'events',
        'is_published_in_time or is_published_late', 'is_published_in_time'
    ) }}
    union all
    select
        {{ measure_row('events_lag_median', 'null', measured=median_value('publication_lag_wd')) }}
    from lags
    group by territory_id
    union all
    select
        {{ measure_row('online_trial_participants', 'count(distinct pupil_key)') }}
    from online_placed
    group by territory_id
)

select * from final
