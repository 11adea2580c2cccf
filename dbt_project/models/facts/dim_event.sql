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
            order by has_error, source_row desc, row_id
        ) as newest
    from {{ ref('stg_platform__events') }}
),

lagged as (
    select
        events.*,
        coalesce(school.territory_id, navigator_school.territory_id) as territory_id,
        {{ working_days_until('event_day', 'publication_day') }}
        + case when run.count_event_day and event_day.is_working then 1 else 0 end
            as publication_lag_wd,
        run.publication_lag_wd as publication_limit_wd,
        events.event_on between run.fact_from and least(run.fact_to, run.as_of)
        and events.status = 'held'
        and (events.event_format = 'onsite' or run.online_counts) as is_counted,
        -- The window is the order's year: programmes of other years have their own order.
        extract(year from events.event_on) = run.order_year
        and events.event_on <= run.as_of
        and events.status in ('published', 'held') as is_public,
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
    where events.newest = 1
),

final as (
    select
        order_id,
        as_of,
        load_id,
        event_id,
        event_type,
        event_format,
        event_name,
        direction,
        event_on,
        {{ month_text('event_on') }} as event_month,
        place_type,
        venue_id,
        partner_id,
        school_id,
        programme_id,
        slot_id,
        navigator_key,
        cast(territory_id as integer) as territory_id,
        published_at,
        status,
        n_enrolled,
        n_attended,
        is_free,
        is_public,
        cast(publication_lag_wd as integer) as publication_lag_wd,
        is_public
        and coalesce(publication_lag_wd <= publication_limit_wd, false) as is_published_in_time,
        is_counted
        and event_type = 'trial'
        and (
            place_type = 'trial_venue'
            or (
                place_type = 'partner_venue'
                and (
                    trial_at_partner_counts = 'always'
                    or (trial_at_partner_counts = 'with_programme' and programme_id is not null)
                )
            )
        ) as is_counted_i5,
        is_counted and place_type = 'partner_venue' as is_counted_i6,
        programme_id is not null
        and (
            (place_type = 'trial_venue' and venue_id is not null)
            or (place_type = 'partner_venue' and partner_id is not null)
        ) as is_trial_proven,
        partner_id is not null as is_partner_known,
        has_error,
        row_id
    from lagged
)

select * from final
