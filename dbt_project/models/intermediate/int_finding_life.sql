with run as (
    select * from {{ ref('int_run') }}
),

-- One row also for the first publication, which has none before it.
previous as (
    select max(previous_known_on) as previous_known_on from {{ ref('int_previous_run') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

dated as (
    select
        states.*,
        run.known_on as known_on,
        case
            when states.previous_state is not null and not states.is_returned then states.opened_before
            -- The file is older than what was found in it: something beside it has changed.
            when states.first_received_on <= previous.previous_known_on then run.known_on
            else states.first_received_on
        end as opened_on,
        case
            when not states.is_closed then null
            when states.was_closed and not states.is_seen then states.closed_before
            when
                states.state = 'fixed'
                and coalesce(states.line_received_on > states.last_seen_on, true)
                then states.line_received_on
            else run.known_on
        end as closed_on,
        case when states.is_seen then run.as_of else states.last_as_of end as last_run,
        case when states.is_seen then run.known_on else states.last_seen_on end as seen_on,
        coalesce(states.first_as_of, run.as_of) as first_run
    from {{ ref('int_finding_state') }} as states
    cross join run
    cross join previous
),

final as (
    select
        dated.finding_key as finding_key,
        dated.rule_id as rule_id,
        dated.form_code as form_code,
        dated.sender_territory_id as sender_territory_id,
        dated.territory_id as territory_id,
        dated.period as period,
        dated.stage as stage,
        dated.severity as severity,
        dated.column_name as column_name,
        dated.previous_state as previous_state,
        dated.state as state,
        dated.is_returned as is_returned,
        dated.is_closed as is_closed,
        cast(dated.n_reopened + case when dated.is_returned then 1 else 0 end as integer) as n_reopened,
        dated.first_run as first_as_of,
        dated.first_delivery_id as first_delivery_id,
        dated.opened_on as opened_on,
        dated.last_run as last_as_of,
        dated.seen_on as last_seen_on,
        dated.last_delivery_id as last_delivery_id,
        dated.closed_on as closed_on,
        cast({{ working_days_until('opened_day', 'until_day') }} as integer) as age_wd,
        case when dated.state in ('waived', 'confirmed') then dated.answered_on end as answered_on,
        case when dated.state = 'waived' then dated.answered_until end as answered_until,
        case when dated.state = 'waived' then dated.answered_by end as answered_by,
        case when dated.state = 'waived' then dated.answered_why end as answered_why
    from dated
    left join calendar as opened_day on dated.opened_on = opened_day.date_day
    left join calendar as until_day on coalesce(dated.closed_on, dated.known_on) = until_day.date_day
)

select * from final
