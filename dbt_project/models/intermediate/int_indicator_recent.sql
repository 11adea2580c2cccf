with run as (
    select * from {{ ref('int_run') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

contributions as (
    select * from {{ ref('fct_indicator_contribution') }}
    where territory_id is not null
),

-- A person of the region counts from the first day anywhere in it.
dated as (
    select
        indicator_id,
        territory_id,
        person_key,
        counted_on
    from contributions
    union all
    select
        indicator_id,
        0 as territory_id,
        person_key,
        min(counted_on) as counted_on
    from contributions
    group by
        indicator_id,
        person_key
),

recent as (
    select
        dated.indicator_id as indicator_id,
        dated.territory_id as territory_id,
        cast(count(*) as bigint) as n_recent
    from dated
    cross join run
    inner join calendar as today on run.as_of = today.date_day
    inner join calendar as counted_day on dated.counted_on = counted_day.date_day
    where
        counted_day.date_day <= today.date_day
        and {{ working_days_between('counted_day', 'today') }} < run.forecast_window_wd
    group by
        dated.indicator_id,
        dated.territory_id
),

final as (
    select
        indicators.indicator_id as indicator_id,
        cast(recent.territory_id as integer) as territory_id,
        cast(sum(recent.n_recent) as bigint) as n_recent
    from indicators
    inner join recent
        on {{ has_component('indicators.components', 'recent.indicator_id') }}
    group by
        indicators.indicator_id,
        recent.territory_id
)

select * from final
