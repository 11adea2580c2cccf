with run as (
    select * from {{ ref('int_run') }}
),

life as (
    select * from {{ ref('int_finding_life') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

counted as (
    select
        life.form_code as form_code,
        life.sender_territory_id as sender_territory_id,
        life.severity as severity,
        {{ count_rows("coalesce(life.previous_state = 'open', false)") }} as n_open_before,
        {{ count_rows("life.previous_state is null") }} as n_opened,
        {{ count_rows("life.is_returned") }} as n_returned,
        {{ count_rows(
            "life.previous_state in ('waived', 'confirmed') and life.state <> life.previous_state"
        ) }} as n_lapsed,
        {{ count_rows(became('life', 'fixed')) }} as n_fixed,
        {{ count_rows(became('life', 'waived')) }} as n_waived,
        {{ count_rows(became('life', 'confirmed')) }} as n_confirmed,
        {{ count_rows(became('life', 'withdrawn')) }} as n_withdrawn,
        {{ count_rows("life.state = 'open'") }} as n_open,
        {{ count_rows("life.state = 'waived'") }} as n_waived_now,
        {{ count_rows("life.state = 'confirmed'") }} as n_confirmed_now,
        max(case when life.state = 'open' then life.age_wd end) as max_age_wd,
        {{ median_value("case when life.state = 'open' then life.age_wd end") }} as median_age_wd
    from life
    group by
        life.form_code,
        life.sender_territory_id,
        life.severity
),

final as (
    select
        {{ run_columns('run') }},
        counted.form_code as form_code,
        cast(counted.sender_territory_id as integer) as sender_territory_id,
        territories.territory_name as sender_name,
        counted.severity as severity,
        counted.n_open_before as n_open_before,
        counted.n_opened as n_opened,
        counted.n_returned as n_returned,
        counted.n_lapsed as n_lapsed,
        counted.n_fixed as n_fixed,
        counted.n_waived as n_waived,
        counted.n_confirmed as n_confirmed,
        counted.n_withdrawn as n_withdrawn,
        counted.n_open as n_open,
        counted.n_waived_now as n_waived_now,
        counted.n_confirmed_now as n_confirmed_now,
        cast(counted.max_age_wd as integer) as max_age_wd,
        cast(counted.median_age_wd as decimal(9, 1)) as median_age_wd
    from counted
    cross join run
    left join territories
        on
            counted.sender_territory_id = territories.territory_id
            and counted.sender_territory_id > 0
)

select * from final
