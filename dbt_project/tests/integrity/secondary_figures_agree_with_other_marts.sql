-- What: figures that stand both in the list of secondary indicators and in a mart of their own are
--   the same there.
-- When it matters: always; two definitions of one figure would let two reports disagree.
-- What to do: compare the named int_secondary model with the mart that shows the same figure.
with secondary as (
    select
        indicators.measure as measure,
        figures.territory_id as territory_id,
        figures.numerator as numerator,
        figures.denominator as denominator,
        figures.value as value
    from {{ ref('mart_indicator_secondary') }} as figures
    inner join {{ ref('secondary_indicators') }} as indicators
        on
            figures.order_id = indicators.order_id
            and figures.indicator_code = indicators.indicator_code
    where figures.dimension = '' and figures.value_status = 'reported'
),

others as (
    select
        'consents_attached' as measure,
        territory_id,
        n_scan_attached as numerator,
        n_consent_required as denominator,
        pct_scan as value
    from {{ ref('mart_consents') }}
    union all
    select
        'originals_received' as measure,
        territory_id,
        n_original_received as numerator,
        n_original_required as denominator,
        pct_original as value
    from {{ ref('mart_consents') }}
    union all
    select
        'events_published_in_time' as measure,
        territory_id,
        n_published_in_time as numerator,
        n_published_in_time + n_late as denominator,
        pct_in_time as value
    from {{ ref('mart_event_publication') }}
    where event_month = 'total'
    union all
    select
        'events_lag_median' as measure,
        territory_id,
        cast(null as bigint) as numerator,
        cast(null as bigint) as denominator,
        median_lag_wd as value
    from {{ ref('mart_event_publication') }}
    where event_month = 'total'
    union all
    select
        'navigator_load_max' as measure,
        territory_id,
        cast(null as bigint) as numerator,
        cast(null as bigint) as denominator,
        max_load as value
    from {{ ref('mart_navigator_load') }}
    union all
    select
        'pupils_without_navigator' as measure,
        territory_id,
        n_pupils_without_navigator as numerator,
        cast(null as bigint) as denominator,
        n_pupils_without_navigator as value
    from {{ ref('mart_navigator_load') }}
)

select
    secondary.measure,
    secondary.territory_id,
    secondary.value,
    others.value as value_elsewhere
from secondary
inner join others
    on
        secondary.measure = others.measure
        and secondary.territory_id = others.territory_id
where
    coalesce(secondary.numerator, -1) <> coalesce(others.numerator, -1)
    or coalesce(secondary.denominator, -1) <> coalesce(others.denominator, -1)
    or coalesce(secondary.value, -1) <> coalesce(others.value, -1)
