with run as (
    select * from {{ ref('int_run') }}
),

expected as (
    select * from {{ ref('int_expected_delivery') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

deliveries as (
    select
        *,
        {{ is_taken('status') }} as is_good
    from {{ ref('fct_delivery') }}
    where status <> 'duplicate'
),

matched as (
    select
        expected.form_code as form_code,
        expected.sender_territory_id as sender_territory_id,
        expected.due_on as due_on,
        deliveries.delivery_id as delivery_id,
        deliveries.received_at as received_at,
        deliveries.is_good as is_good,
        deliveries.status as status,
        deliveries.n_received as n_received,
        deliveries.n_accepted as n_accepted,
        deliveries.n_rejected as n_rejected,
        deliveries.n_errors as n_errors,
        deliveries.n_warnings as n_warnings,
        row_number() over (
            partition by expected.form_code, expected.sender_territory_id
            order by
                case when deliveries.is_selected then 0 else 1 end,
                deliveries.received_at desc nulls last,
                deliveries.delivery_id desc nulls last
        ) as newest
    from expected
    inner join deliveries
        on
            expected.form_code = deliveries.form_code
            and expected.sender_territory_id = deliveries.sender_territory_id
            -- A file of an older date or month answers for that one only.
            and (
                expected.period is null
                or (
                    {{ dbt.length('expected.period') }} = 7
                    and expected.period <= {{ month_text('deliveries.delivery_as_of') }}
                )
                or cast(deliveries.delivery_as_of as {{ dbt.type_string() }}) = expected.period
            )
),

versions as (
    select
        form_code,
        sender_territory_id,
        cast(count(*) as integer) as n_versions,
        min(case when is_good then cast(received_at as date) end) as taken_on,
        {{ any_row('is_good and cast(received_at as date) <= due_on') }} as is_on_time
    from matched
    group by
        form_code,
        sender_territory_id
),

final as (
    select
        {{ run_columns('run') }},
        expected.form_code as form_code,
        cast(expected.sender_territory_id as integer) as territory_id,
        expected.sender_name as territory_name,
        expected.form_title as form_title,
        expected.period as period,
        expected.is_expected as is_expected,
        expected.due_on as due_on,
        matched.delivery_id as delivery_id,
        matched.received_at as received_at,
        case when expected.is_expected then versions.is_on_time end as is_on_time,
        case
            when expected.is_due
                then cast({{ working_days_until('due_day', 'until_day') }} as integer)
        end as days_late,
        coalesce(
            matched.status, case when expected.is_due then 'not_received' else 'not_due' end
        ) as status,
        matched.n_received as n_received,
        matched.n_accepted as n_accepted,
        matched.n_rejected as n_rejected,
        matched.n_errors as n_errors,
        matched.n_warnings as n_warnings,
        coalesce(versions.n_versions, 0) as n_versions
    from expected
    cross join run
    left join matched
        on
            expected.form_code = matched.form_code
            and expected.sender_territory_id = matched.sender_territory_id
            and matched.newest = 1
    left join versions
        on
            expected.form_code = versions.form_code
            and expected.sender_territory_id = versions.sender_territory_id
    left join calendar as due_day on expected.due_on = due_day.date_day
    left join calendar as until_day on coalesce(versions.taken_on, run.known_on) = until_day.date_day
)

select * from final
