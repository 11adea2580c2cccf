with events as (
    select
        *,
        event_type = 'trial'
        and (
            place_type = 'trial_venue'
            or (
                place_type = 'partner_venue'
                and (
                    trial_at_partner_counts = 'always'
                    or (trial_at_partner_counts = 'with_programme' and programme_id is not null)
                )
            )
        ) as is_trial
    from {{ ref('int_event_window') }}
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
        is_public
        and not is_pending
        and not coalesce(publication_lag_wd <= publication_limit_wd, false) as is_published_late,
        is_counted and is_trial as is_counted_i5,
        is_counted and place_type = 'partner_venue' as is_counted_i6,
        is_creditable and is_trial as is_creditable_i5,
        is_creditable and place_type = 'partner_venue' as is_creditable_i6,
        not has_error
        and programme_id is not null
        and (
            (place_type = 'trial_venue' and venue_id is not null)
            or (place_type = 'partner_venue' and partner_id is not null)
        ) as is_trial_proven,
        not has_error and partner_id is not null as is_partner_known,
        has_error,
        row_id
    from events
)

select * from final
