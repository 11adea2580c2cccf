with run as (
    select * from {{ ref('int_run') }}
),

life as (
    select * from {{ ref('int_finding_life') }}
),

final as (
    select
        {{ run_columns('run') }},
        life.finding_key as finding_key,
        life.rule_id as rule_id,
        life.form_code as form_code,
        life.sender_territory_id as sender_territory_id,
        life.territory_id as territory_id,
        life.period as period,
        life.stage as stage,
        life.severity as severity,
        life.column_name as column_name,
        life.state as state,
        life.previous_state as previous_state,
        life.is_returned as is_returned,
        life.n_reopened as n_reopened,
        life.first_as_of as first_as_of,
        life.first_delivery_id as first_delivery_id,
        life.opened_on as opened_on,
        life.last_as_of as last_as_of,
        life.last_seen_on as last_seen_on,
        life.last_delivery_id as last_delivery_id,
        life.closed_on as closed_on,
        life.age_wd as age_wd,
        life.answered_on as answered_on,
        life.answered_until as answered_until,
        life.answered_by as answered_by,
        life.answered_why as answered_why
    from life
    cross join run
)

select * from final
