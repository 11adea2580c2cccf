with run as (
    select * from {{ ref('int_run') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

figures as (
    select * from {{ ref('int_indicator_value') }}
),

paces as (
    select * from {{ ref('int_indicator_pace') }}
),

windows as (
    select * from {{ ref('int_indicator_window') }}
),

answers as (
    select
        indicator_id,
        sum(is_expected) as n_expected,
        sum(is_reported) as n_reported
    from figures
    group by indicator_id
),

measured as (
    select
        figures.*,
        {{ run_columns('run') }},
        indicators.indicator_name as indicator_name,
        indicators.deadline as deadline,
        case when figures.territory_id = 0 then answers.n_expected else figures.is_expected end
            as n_expected,
        case when figures.territory_id = 0 then answers.n_reported else figures.is_reported end
            as n_reported,
        paces.planned_by_now as planned_by_now,
        paces.pace_status as pace_status,
        paces.forecast_at_deadline as forecast_at_deadline,
        paces.forecast_met_on as forecast_met_on,
        windows.fact_frozen as fact_frozen,
        windows.fact_after_window as fact_after_window,
        windows.fact_year as fact_year,
        greatest(figures.target_required - figures.fact, 0) as gap,
        case
            when run.as_of < indicators.deadline
                then last_day.working_day_number - today.working_day_number
        end as working_days_left
    from figures
    cross join run
    inner join indicators on figures.indicator_id = indicators.indicator_id
    inner join answers on figures.indicator_id = answers.indicator_id
    left join paces
        on
            figures.indicator_id = paces.indicator_id
            and figures.territory_id = paces.territory_id
    left join windows
        on
            indicators.formula_id = windows.formula_id
            and figures.territory_id = windows.territory_id
            and figures.value_status = 'reported'
    left join calendar as last_day on indicators.deadline = last_day.date_day
    left join calendar as today on run.as_of = today.date_day
),

final as (
    select
        measured.order_id as order_id,
        measured.as_of as as_of,
        measured.territory_id as territory_id,
        measured.indicator_id as indicator_id,
        territories.territory_name as territory_name,
        territories.territory_kind as territory_kind,
        measured.indicator_name as indicator_name,
        measured.target as target,
        measured.target_declared as target_declared,
        measured.fact as fact,
        measured.fact_confirmed as fact_confirmed,
        measured.fact_sum_of_territories as fact_sum_of_territories,
        measured.value_status as value_status,
        {{ percent('measured.fact', 'measured.target', 4) }} as pct,
        cast({{ percent_display('measured.fact', 'measured.target') }} as decimal(9, 1))
            as pct_display,
        -- Nothing known is not a gap of the whole plan; greatest() skips NULL on some engines.
        case when measured.fact is not null then cast(measured.gap as bigint) end as gap,
        {{ ratio(
            'case when measured.fact is not null then measured.gap end', 'measured.working_days_left', 2
        ) }} as needed_per_working_day,
        measured.deadline as deadline,
        case
            when measured.target > 0 and measured.fact is not null
                then measured.fact >= measured.target_required
        end as is_met,
        measured.planned_by_now as planned_by_now,
        measured.pace_status as pace_status,
        measured.forecast_at_deadline as forecast_at_deadline,
        measured.forecast_met_on as forecast_met_on,
        measured.fact_frozen as fact_frozen,
        measured.fact_after_window as fact_after_window,
        measured.fact_year as fact_year,
        cast(measured.n_expected as integer) as n_expected,
        cast(measured.n_reported as integer) as n_reported,
        measured.load_id as load_id
    from measured
    inner join territories on measured.territory_id = territories.territory_id
)

select * from final
