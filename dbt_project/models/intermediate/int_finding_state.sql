with run as (
    select * from {{ ref('int_run') }}
),

before as (
    select * from {{ ref('stg_history__findings') }}
),

seen as (
    select * from {{ ref('int_finding_seen') }}
),

matched as (
    select
        coalesce(seen.finding_key, before.finding_key) as finding_key,
        coalesce(seen.rule_id, before.rule_id) as rule_id,
        coalesce(seen.form_code, before.form_code) as form_code,
        coalesce(seen.sender_territory_id, before.sender_territory_id) as sender_territory_id,
        coalesce(seen.territory_id, before.territory_id) as territory_id,
        coalesce(seen.period, before.period) as period,
        coalesce(seen.stage, before.stage) as stage,
        coalesce(seen.severity, before.severity) as severity,
        coalesce(seen.column_name, before.column_name) as column_name,
        seen.finding_key is not null as is_seen,
        coalesce(seen.is_current, false) as is_current,
        before.state as previous_state,
        coalesce(before.state in ('fixed', 'withdrawn'), false) as was_closed,
        before.first_as_of as first_as_of,
        coalesce(before.first_delivery_id, seen.first_delivery_id) as first_delivery_id,
        before.opened_on as opened_before,
        before.last_as_of as last_as_of,
        before.last_seen_on as last_seen_on,
        before.closed_on as closed_before,
        coalesce(seen.delivery_id, before.last_delivery_id) as last_delivery_id,
        seen.first_received_on as first_received_on,
        coalesce(before.n_reopened, 0) as n_reopened,
        -- What no file of the run shows keeps the answer that it had.
        case when seen.is_current then seen.answered else before.state end as answered,
        case when seen.is_current then seen.answered_on else before.answered_on end as answered_on,
        case when seen.is_current then seen.answered_until else before.answered_until end as answered_until,
        case when seen.is_current then seen.answered_by else before.answered_by end as answered_by,
        case when seen.is_current then seen.answered_why else before.answered_why end as answered_why
    from seen
    full outer join before on seen.finding_key = before.finding_key
),

judged as (
    select
        matched.*,
        lines.received_on as line_received_on,
        case
            when matched.is_current then coalesce(matched.answered, 'open')
            when matched.was_closed and not matched.is_seen then matched.previous_state
            -- An unrouted file has no next version; a rule that is gone asks nothing.
            when matched.form_code = '' or (matched.stage <> 'F' and rules.rule_id is null) then 'withdrawn'
            when lines.form_code is not null and (matched.stage = 'F' or rules.n_checked > 0) then 'fixed'
            when matched.answered = 'waived' and matched.answered_until >= run.known_on then 'waived'
            when matched.answered = 'confirmed' then 'confirmed'
            else 'open'
        end as state
    from matched
    cross join run
    left join {{ ref('int_finding_line') }} as lines
        on
            matched.form_code = lines.form_code
            and matched.sender_territory_id = lines.sender_territory_id
            and matched.period = lines.period
    left join {{ ref('dim_rule') }} as rules
        on
            matched.rule_id = rules.rule_id
            and matched.form_code = rules.form_code
),

final as (
    select
        judged.*,
        judged.was_closed and judged.is_seen as is_returned,
        judged.state in ('fixed', 'withdrawn') as is_closed
    from judged
)

select * from final
