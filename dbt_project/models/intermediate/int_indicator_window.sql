with run as (
    select * from {{ ref('int_run') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

last_call as (
    select freeze_day.date_day as freeze_on
    from run
    inner join calendar as last_day on run.fact_to = last_day.date_day
    inner join calendar as freeze_day
        on {{ is_nth_working_day('freeze_day', 'last_day', 'run.freeze_lag_wd') }}
),

participations as (
    select * from {{ ref('fct_participation') }}
    where is_creditable_i5 or is_creditable_i6
),

persons as (
    select
        'trial_participants' as formula_id,
        pupil_key,
        territory_id,
        is_counted_i5 as is_counted,
        known_on,
        event_on
    from participations
    where is_creditable_i5
    union all
    select
        'partner_participants' as formula_id,
        pupil_key,
        territory_id,
        is_counted_i6 as is_counted,
        known_on,
        event_on
    from participations
    where is_creditable_i6
),

placed as (
    select
        formula_id,
        pupil_key,
        territory_id,
        is_counted,
        known_on,
        event_on
    from persons
    where territory_id is not null
    union all
    select
        formula_id,
        pupil_key,
        0 as territory_id,
        is_counted,
        known_on,
        event_on
    from persons
    where territory_id is not null
),

final as (
    select
        placed.formula_id as formula_id,
        cast(placed.territory_id as integer) as territory_id,
        {{ count_persons(
            'placed.pupil_key', 'placed.is_counted and placed.known_on <= last_call.freeze_on'
        ) }} as fact_frozen,
        {{ count_persons('placed.pupil_key', 'placed.event_on > run.fact_to') }} as fact_after_window,
        cast(count(distinct placed.pupil_key) as bigint) as fact_year
    from placed
    cross join run
    cross join last_call
    group by
        placed.formula_id,
        placed.territory_id
)

select * from final
