with deliveries as (
    select
        *,
        {{ month_text('delivery_as_of') }} as month,
        cast(received_at as date) as received_on
    from {{ ref('fct_delivery') }}
    where status <> 'duplicate' and form_code is not null and sender_territory_id is not null
),

-- A month is answered by a file of the month, a date by a file of the date.
answered as (
    select
        expected.form_code as form_code,
        expected.sender_territory_id as territory_id,
        expected.period as period,
        {{ any_row(is_taken('deliveries.status') ~ ' and deliveries.received_on <= expected.due_on') }}
            as is_in_time
    from {{ ref('fct_expected_delivery') }} as expected
    left join deliveries
        on
            expected.form_code = deliveries.form_code
            and expected.sender_territory_id = deliveries.sender_territory_id
            and (
                expected.period = deliveries.month
                or expected.period = cast(deliveries.delivery_as_of as {{ dbt.type_string() }})
            )
    where expected.is_due
    group by
        expected.form_code,
        expected.sender_territory_id,
        expected.period
),

received as (
    select
        sender_territory_id as territory_id,
        form_code,
        delivery_as_of,
        count(*) as n_files,
        {{ count_rows("status = 'rejected'") }} as n_rejected
    from deliveries
    where sender_territory_id <> 0
    group by
        sender_territory_id,
        form_code,
        delivery_as_of
),

reports as (
    select
        territory_id,
        {{ dbt.split_part('control_id', "'-'", 1) }} as duty,
        status
    from {{ ref('fct_control_point') }}
    where criterion = 'report_sent' and status in ('done', 'done_late', 'overdue', 'no_data')
),

reports_placed as (
    select * from reports
    union all
    select
        territory_id,
        '' as duty,
        status
    from reports
),

final as (
    select
        {{ measure_row('files_in_time', count_rows('is_in_time'), 'count(*)') }}
    from answered
    where territory_id <> 0
    group by territory_id
    union all
    select
        {{ measure_row('operator_files_in_time', count_rows('is_in_time'), 'count(*)') }}
    from answered
    where territory_id = 0
    group by territory_id
    union all
    select
        {{ measure_row('files_rejected', total('n_rejected'), total('n_files')) }}
    from received
    group by territory_id
    union all
    select
        {{ measure_row('files_repeated', total('n_files - 1')) }}
    from received
    group by territory_id
    union all
    select
        {{ measure_row(
            'reports_sent_in_time', count_rows("status = 'done'"), 'count(*)', dimension='duty'
        ) }}
    from reports_placed
    group by
        territory_id,
        duty
)

select * from final
