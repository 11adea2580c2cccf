with run as (
    select * from {{ ref('int_run') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

points as (
    select points.*
    from {{ ref('control_points') }} as points
    inner join run on points.order_id = run.order_id
),

-- A month's duty has no day in the order: the n-th working day after it, the last month's together
-- with the final report (G-11).
monthly as (
    select
        points.control_id as control_id,
        case
            when
                run.final_report_due > points.period_start
                and coalesce(due_day.date_day > run.final_report_due, true)
                then run.final_report_due
            else due_day.date_day
        end as due_on
    from points
    cross join run
    left join calendar as month_end on points.period_end = month_end.date_day
    left join calendar as due_day
        on {{ is_nth_working_day('due_day', 'month_end', 'run.report_due_wd') }}
    where points.kind = 'monthly'
),

-- A report on a campaign is made after it: due when the schedule of forms asks for it.
reported as (
    select
        points.control_id as control_id,
        min(due_day.date_day) as due_on
    from points
    inner join {{ ref('form_schedule') }} as schedule
        on
            points.order_id = schedule.order_id
            and points.control_id = schedule.control_id
            and schedule.due_wd > 0
            and points.kind = 'period'
    inner join calendar as last_day on points.due_date = last_day.date_day
    inner join calendar as due_day
        on {{ is_nth_working_day('due_day', 'last_day', 'schedule.due_wd') }}
    where schedule.form_code like 'M%'
    group by points.control_id
),

dated as (
    select
        points.control_id as control_id,
        points.kind as kind,
        points.period_start as period_start,
        points.period_end as period_end,
        coalesce(points.due_date, points.period_end) as content_on,
        coalesce(reported.due_on, points.due_date, monthly.due_on) as due_on
    from points
    left join monthly on points.control_id = monthly.control_id
    left join reported on points.control_id = reported.control_id
),

final as (
    select
        dated.control_id as control_id,
        dated.kind as kind,
        dated.period_start as period_start,
        dated.period_end as period_end,
        case when dated.kind = 'monthly' then {{ month_text('dated.period_end') }} end as period,
        dated.content_on as content_on,
        dated.due_on as due_on,
        -- A due day of a year whose calendar is not published yet stays where it is printed.
        coalesce(grace_day.date_day, dated.due_on) as grace_on,
        grace_day.working_day_number as grace_number
    from dated
    left join calendar as due_day on dated.due_on = due_day.date_day
    left join calendar as grace_day on {{ is_grace_day('grace_day', 'due_day') }}
)

select * from final
