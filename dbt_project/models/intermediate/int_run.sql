with run as (
    select * from {{ ref('stg_control__run') }}
),

orders as (
    select * from {{ ref('orders') }}
),

parameters as (
    select * from {{ ref('parameters') }}
),

typed as (
    select
        order_id,
        {{ parameter('load_limit', 'integer') }},
        {{ parameter('publication_lag_wd', 'integer') }},
        {{ parameter('consent_age', 'integer') }},
        {{ parameter('consent_scan_due', 'date') }},
        {{ parameter('consent_original_due', 'date') }},
        {{ parameter('grade_min', 'integer') }},
        {{ parameter('grade_max', 'integer') }},
        {{ parameter('fact_from', 'date') }},
        {{ parameter('fact_to', 'date') }},
        {{ parameter('cohort_first_year', 'integer') }},
        {{ parameter('cohort_last_year', 'integer') }},
        {{ parameter('regional_target_mode', 'varchar') }},
        {{ parameter('count_event_day', 'boolean') }},
        {{ parameter('participation_status_counted', 'varchar') }},
        {{ parameter('trial_at_partner_counts', 'varchar') }},
        {{ parameter('online_counts', 'boolean') }},
        {{ parameter('nav_active_level', 'varchar') }},
        {{ parameter('pupil_active_level', 'varchar') }},
        {{ parameter('k_anonymity', 'integer') }},
        {{ parameter('freeze_lag_wd', 'integer') }},
        {{ parameter('report_due_wd', 'integer') }},
        {{ parameter('due_soon_wd', 'integer') }},
        {{ parameter('ktp_done_pct', 'integer') }},
        {{ parameter('final_report_due', 'date') }},
        {{ parameter('forecast_window_wd', 'integer') }},
        {{ parameter('pace_amber_pct', 'integer') }},
        {{ parameter('course_hours', 'integer') }},
        {{ parameter('course_from', 'date') }},
        {{ parameter('intensive_hours', 'integer') }},
        {{ parameter('intensive_from', 'date') }},
        {{ parameter('rollover_date', 'date') }}
    from parameters
    group by order_id
),

joined as (
    select
        run.order_id as order_id,
        run.as_of as as_of,
        run.load_id as load_id,
        cast(run.known_at as date) as known_on,
        orders.year as order_year,
        typed.load_limit as load_limit,
        typed.publication_lag_wd as publication_lag_wd,
        typed.consent_age as consent_age,
        typed.consent_scan_due as consent_scan_due,
        typed.consent_original_due as consent_original_due,
        typed.grade_min as grade_min,
        typed.grade_max as grade_max,
        typed.fact_from as fact_from,
        typed.fact_to as fact_to,
        typed.cohort_first_year as cohort_first_year,
        typed.cohort_last_year as cohort_last_year,
        typed.regional_target_mode as regional_target_mode,
        typed.count_event_day as count_event_day,
        typed.participation_status_counted as participation_status_counted,
        typed.trial_at_partner_counts as trial_at_partner_counts,
        typed.online_counts as online_counts,
        typed.nav_active_level as nav_active_level,
        typed.pupil_active_level as pupil_active_level,
        typed.k_anonymity as k_anonymity,
        typed.freeze_lag_wd as freeze_lag_wd,
        typed.report_due_wd as report_due_wd,
        typed.due_soon_wd as due_soon_wd,
        typed.ktp_done_pct as ktp_done_pct,
        typed.final_report_due as final_report_due,
        typed.forecast_window_wd as forecast_window_wd,
        typed.pace_amber_pct as pace_amber_pct,
        typed.course_hours as course_hours,
        typed.course_from as course_from,
        typed.intensive_hours as intensive_hours,
        typed.intensive_from as intensive_from,
        typed.rollover_date as rollover_date
    from run
    left join orders on run.order_id = orders.order_id
    left join typed on run.order_id = typed.order_id
)

select * from joined
