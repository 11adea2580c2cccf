with run as (
    select * from {{ ref('int_run') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

events as (
    select * from {{ ref('dim_event') }}
    where is_public and territory_id is not null
),

attended as (
    select
        event_id,
        cast(count(*) as bigint) as n_attended
    from {{ ref('fct_participation') }}
    where is_attended
    group by event_id
),

measured as (
    select
        events.territory_id as territory_id,
        events.event_month as event_month,
        events.event_type as event_type,
        events.is_published_in_time as is_published_in_time,
        events.is_published_late as is_published_late,
        coalesce(attended.n_attended, 0) as n_attended
    from events
    left join attended on events.event_id = attended.event_id
),

wholes as (
    select false as is_whole
    union all
    select true as is_whole
),

-- Every event stands in its own cell and in the totals: of its month, of its type, of the region.
spread as (
    select
        case when places.is_whole then 0 else measured.territory_id end as territory_id,
        case when months.is_whole then 'total' else measured.event_month end as event_month,
        case when kinds.is_whole then 'total' else measured.event_type end as event_type,
        measured.is_published_in_time as is_published_in_time,
        measured.is_published_late as is_published_late,
        measured.n_attended as n_attended
    from measured
    cross join wholes as places
    cross join wholes as months
    cross join wholes as kinds
),

final as (
    select
        {{ run_columns('run') }},
        territories.territory_id as territory_id,
        territories.territory_name as territory_name,
        spread.event_month as event_month,
        spread.event_type as event_type,
        cast(count(*) as bigint) as n_events,
        {{ count_rows('spread.is_published_in_time') }} as n_in_time,
        {{ count_rows('spread.is_published_late') }} as n_late,
        {{ total('spread.n_attended') }} as n_attended
    from spread
    cross join run
    inner join territories on spread.territory_id = territories.territory_id
    group by
        run.order_id,
        run.as_of,
        run.load_id,
        territories.territory_id,
        territories.territory_name,
        spread.event_month,
        spread.event_type
)

select * from final
