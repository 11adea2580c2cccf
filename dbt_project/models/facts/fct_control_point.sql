with run as (
    select * from {{ ref('int_run') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

remembered as (
    select * from {{ ref('int_control_memory') }}
),

-- A control point of several criteria is done when the last of them is.
whole as (
    select
        control_id,
        territory_id,
        case
            when not {{ any_row('fulfilled_on is null and (required > 0 or is_form_missing)') }}
                then max(fulfilled_on)
        end as done_on,
        max(required) as required_most,
        {{ any_row("required_mode = 'target'") }} as is_by_target,
        {{ any_row('is_form_missing') }} as is_form_missing
    from remembered
    group by
        control_id,
        territory_id
),

judged as (
    select
        shown.*,
        whole.done_on as whole_done_on,
        whole.required_most = 0
        and (whole.is_by_target or not whole.is_form_missing) as is_nothing_required,
        whole.is_by_target as is_by_target,
        whole.is_form_missing as is_any_form_missing,
        -- On a day off after the due day the next working day has begun.
        case
            when coalesce(done_day.date_day, today.date_day) > shown.grace_on
                then coalesce(done_day.reached_working_day, today.reached_working_day)
            else coalesce(done_day.working_day_number, today.working_day_number)
        end as number_reached,
        shown.grace_number - today.working_day_number <= run.due_soon_wd as is_near
    from remembered as shown
    cross join run
    inner join whole
        on shown.control_id = whole.control_id and shown.territory_id = whole.territory_id
    inner join calendar as today on run.as_of = today.date_day
    left join calendar as done_day on whole.done_on = done_day.date_day
    where shown.weakest = 1
),

final as (
    select
        {{ run_columns('run') }},
        judged.control_id as control_id,
        judged.territory_id as territory_id,
        judged.due_on as due_on,
        judged.grace_on as grace_on,
        case
            when judged.whole_done_on > judged.grace_on then 'done_late'
            when judged.whole_done_on is not null then 'done'
            when judged.is_nothing_required and judged.is_by_target then 'not_applicable'
            when run.as_of <= judged.grace_on and judged.is_near then 'due_soon'
            when run.as_of <= judged.grace_on then 'not_due'
            when judged.is_nothing_required then 'not_applicable'
            when judged.is_any_form_missing then 'no_data'
            else 'overdue'
        end as status,
        judged.whole_done_on as done_on,
        cast(judged.grace_number - judged.number_reached as integer) as days_slack,
        judged.criterion as criterion,
        cast(judged.measured as bigint) as measured,
        cast(judged.required as bigint) as required,
        judged.unit as unit,
        judged.rule_text as rule_text,
        judged.missing_form as missing_form,
        judged.evidence_form as evidence_form,
        coalesce(
            judged.evidence_delivery_id, {{ dbt.split_part('judged.evidence_row_id', "':'", 1) }}
        ) as evidence_delivery_id,
        judged.evidence_row_id as evidence_row_id
    from judged
    cross join run
)

select * from final
