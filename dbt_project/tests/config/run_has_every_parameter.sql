-- What: the run belongs to a known order, and every parameter that models use has a value.
-- When it matters: always; a missing parameter would make conditions NULL and counts zero.
-- What to do: add the order, or the parameter's row, to seeds/orders.csv or seeds/parameters.csv.
select 'exactly one run' as missing
from {{ ref('int_run') }}
having count(*) <> 1
{% for name in [
    'order_year', 'load_limit', 'publication_lag_wd', 'consent_age', 'consent_scan_due',
    'consent_original_due', 'grade_min', 'grade_max', 'fact_from', 'fact_to',
    'cohort_first_year', 'cohort_last_year', 'regional_target_mode', 'count_event_day',
    'participation_status_counted', 'trial_at_partner_counts', 'online_counts',
    'nav_active_level', 'pupil_active_level', 'freeze_lag_wd', 'report_due_wd', 'due_soon_wd',
    'ktp_done_pct', 'final_report_due', 'forecast_window_wd', 'pace_amber_pct', 'course_hours',
    'intensive_hours', 'rollover_date',
] %}
    union all
    select '{{ name }}' as missing
    from {{ ref('int_run') }}
    where {{ name }} is null
{% endfor %}
