with run as (
    select * from {{ ref('int_run') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

navigators as (
    select
        navigator_key,
        max(school_id) as school_id
    from {{ ref('stg_platform__navigators') }}
    group by navigator_key
),

events as (
    select
        *,
        cast(published_at as date) as published_on,
        row_number() over (
            partition by event_id
            order by has_error asc, source_row desc nulls last, row_id asc
        ) as newest
    from {{ ref('stg_platform__events') }}
),

lagged as (
    select
        events.event_id as event_id,
        events.event_type as event_type,
        events.event_format as event_format,
        events.event_name as event_name,
        events.direction as direction,
        events.event_on as event_on,
        events.place_type as place_type,
        events.venue_id as venue_id,
        events.partner_id as partner_id,
        events.school_id as school_id,
        events.programme_id as programme_id,
        events.slot_id as slot_id,
        events.navigator_key as navigator_key,
        events.published_at as published_at,
        events.status as status,
        events.n_enrolled as n_enrolled,
        events.n_attended as n_attended,
        events.is_free as is_free,
        events.has_error as has_error,
        events.row_id as row_id,
        coalesce(school.territory_id, navigator_school.territory_id) as territory_id,
        {{ working_days_until('event_day', 'publication_day') }}
        + case when run.count_event_day and event_day.is_working then 1 else 0 end
            as publication_lag_wd,
        run.publication_lag_wd as publication_limit_wd,
        events.event_on between run.fact_from and least(run.fact_to, run.as_of)
        and events.status = 'held'
        and (events.event_format = 'onsite' or run.online_counts) as is_counted,
        -- The same without the last day of the window: «всего за год» (Q-10).
        events.event_on between run.fact_from and run.as_of
        and extract(year from events.event_on) = run.order_year
        and events.status = 'held'
        and (events.event_format = 'onsite' or run.online_counts) as is_creditable,
        -- The window is the order's year: programmes of other years have their own order.
        extract(year from events.event_on) = run.order_year
        and events.event_on <= run.as_of
        and events.status in ('published', 'held') as is_public,
        -- Still within its days and not published yet: neither in time nor late.
        publication_day.date_day is null
        and coalesce(
            {{ working_days_until('event_day', 'known_day') }} < run.publication_lag_wd, false
        ) as is_pending,
        run.trial_at_partner_counts as trial_at_partner_counts,
        {{ run_columns('run') }}
    from events
    cross join run
    left join schools as school on events.school_id = school.school_id
    left join navigators on events.navigator_key = navigators.navigator_key
    left join schools as navigator_school on navigators.school_id = navigator_school.school_id
    left join calendar as event_day on events.event_on = event_day.date_day
    left join calendar as publication_day
        on
            events.published_on = publication_day.date_day
            and events.published_on <= run.known_on
    left join calendar as known_day on run.known_on = known_day.date_day
    where events.newest = 1
)

select * from lagged
