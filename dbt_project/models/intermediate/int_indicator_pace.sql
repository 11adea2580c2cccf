with run as (
    select * from {{ ref('int_run') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

figures as (
    select * from {{ ref('int_indicator_value') }}
),

recent as (
    select * from {{ ref('int_indicator_recent') }}
),

days as (
    select
        indicators.indicator_id as indicator_id,
        indicators.deadline as deadline,
        greatest({{ working_days_between('first_day', 'last_day') }}, 1) as working_days_planned,
        least(
            greatest({{ working_days_between('first_day', 'today') }}, 0),
            greatest({{ working_days_between('first_day', 'last_day') }}, 1)
        ) as working_days_gone,
        greatest({{ working_days_between('today', 'last_day') }}, 0) as working_days_left,
        today.working_day_number as today_number
    from indicators
    cross join run
    inner join calendar as today on run.as_of = today.date_day
    inner join calendar as first_day on indicators.starts_on = first_day.date_day
    inner join calendar as last_day on indicators.deadline = last_day.date_day
),

measured as (
    select
        figures.*,
        run.as_of as as_of,
        run.forecast_window_wd as window_wd,
        run.pace_amber_pct as amber_pct,
        days.deadline as deadline,
        days.working_days_left as working_days_left,
        days.today_number as today_number,
        coalesce(recent.n_recent, 0) as n_recent,
        -- Part of a person planned is a person planned: rounded up.
        {{ integer_divide(
            'figures.target_required * days.working_days_gone + days.working_days_planned - 1',
            'days.working_days_planned'
        ) }} as planned_by_now
    from figures
    cross join run
    inner join days on figures.indicator_id = days.indicator_id
    left join recent
        on
            figures.indicator_id = recent.indicator_id
            and figures.territory_id = recent.territory_id
),

forecast as (
    select
        measured.*,
        case
            when measured.fact is not null
                then
                    measured.fact
                    + {{ integer_divide(
                        'measured.n_recent * measured.working_days_left', 'measured.window_wd'
                    ) }}
        end as forecast_at_deadline,
        case
            when measured.fact < measured.target_required and measured.n_recent > 0
                then
                    measured.today_number
                    + {{ integer_divide(
                        '(measured.target_required - measured.fact) * measured.window_wd'
                        ~ ' + measured.n_recent - 1',
                        'measured.n_recent'
                    ) }}
        end as met_number
    from measured
),

final as (
    select
        forecast.indicator_id as indicator_id,
        forecast.territory_id as territory_id,
        cast(forecast.planned_by_now as bigint) as planned_by_now,
        cast(forecast.forecast_at_deadline as bigint) as forecast_at_deadline,
        met_day.date_day as forecast_met_on,
        case
            when forecast.value_status <> 'reported' then forecast.value_status
            when coalesce(forecast.target_required, 0) = 0 then 'no_target'
            when forecast.fact >= forecast.target_required then 'met'
            when forecast.as_of > forecast.deadline then 'overdue'
            when forecast.fact >= forecast.planned_by_now then 'green'
            when forecast.fact * 100 >= forecast.planned_by_now * (100 - forecast.amber_pct)
                then 'amber'
            else 'red'
        end as pace_status
    from forecast
    left join calendar as met_day
        on
            forecast.met_number = met_day.working_day_number
            and met_day.is_working
)

select * from final
