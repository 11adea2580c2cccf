with run as (
    select * from {{ ref('int_run') }}
),

reported as (
    select * from {{ ref('int_forms_reported') }}
    where has_p01 and has_p04
),

territories as (
    select * from {{ ref('dim_territory') }}
),

events as (
    select * from {{ ref('dim_event') }}
    where is_public and territory_id is not null
),

-- Every event stands in its month and in the total, for its territory and for the region.
places as (
    select
        territory_id as event_territory_id,
        territory_id
    from territories
    where territory_id <> 0
    union all
    select
        territory_id as event_territory_id,
        0 as territory_id
    from territories
    where territory_id <> 0
),

shown as (
    select
        territory_id,
        event_id,
        event_month as period,
        publication_lag_wd,
        is_published_in_time,
        is_published_late
    from events
    union all
    select
        territory_id,
        event_id,
        'total' as period,
        publication_lag_wd,
        is_published_in_time,
        is_published_late
    from events
),

counted as (
    select
        places.territory_id as territory_id,
        shown.period as period,
        cast(count(*) as bigint) as n_events,
        {{ count_rows('shown.is_published_in_time') }} as n_published_in_time,
        {{ count_rows('shown.is_published_late') }} as n_late,
        {{ median_value('shown.publication_lag_wd') }} as median_lag_wd
    from shown
    inner join places on shown.territory_id = places.event_territory_id
    group by
        places.territory_id,
        shown.period
),

periods as (
    select distinct event_month as period from events
    union all
    select 'total' as period from reported
),

measured as (
    select
        territories.territory_id as territory_id,
        periods.period as period,
        coalesce(counted.n_events, 0) as n_events,
        coalesce(counted.n_published_in_time, 0) as n_published_in_time,
        coalesce(counted.n_late, 0) as n_late,
        coalesce(counted.n_published_in_time + counted.n_late, 0) as n_decided,
        counted.median_lag_wd as median_lag_wd
    from territories
    cross join periods
    left join counted
        on
            territories.territory_id = counted.territory_id
            and periods.period = counted.period
),

final as (
    select
        {{ run_columns('run') }},
        measured.territory_id as territory_id,
        territories.territory_name as territory_name,
        measured.period as event_month,
        measured.n_events as n_events,
        measured.n_published_in_time as n_published_in_time,
        cast({{ percent_display('measured.n_published_in_time', 'measured.n_decided') }} as decimal(9, 1))
            as pct_in_time,
        cast(measured.median_lag_wd as decimal(9, 1)) as median_lag_wd,
        measured.n_late as n_late
    from measured
    cross join run
    inner join territories on measured.territory_id = territories.territory_id
)

select * from final
