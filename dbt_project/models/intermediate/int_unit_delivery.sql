with deliveries as (
    select
        form_code,
        sender_territory_id,
        delivery_as_of,
        delivery_id,
        cast(received_at as date) as received_on
    from {{ ref('fct_delivery') }}
    where {{ is_taken('status') }}
),

assigned as (
    select distinct
        control_id,
        criterion,
        argument,
        period,
        content_on,
        due_on,
        grace_on
    from {{ ref('int_control_duty') }}
    where criterion in ('list_received', 'report_received', 'snapshot_loaded', 'month_loaded')
),

-- A list is there on the day of its receipt; an export, on the date that it shows. Exports are
-- cumulative: any that shows the month's end, or the due day that comes before it, holds the month.
matched as (
    select
        assigned.control_id as control_id,
        assigned.criterion as criterion,
        assigned.argument as argument,
        deliveries.form_code as form_code,
        deliveries.delivery_id as delivery_id,
        case
            when assigned.criterion in ('list_received', 'report_received')
                then deliveries.sender_territory_id
            else 0
        end as territory_id,
        case
            when assigned.criterion in ('list_received', 'report_received') then deliveries.received_on
            else deliveries.delivery_as_of
        end as fulfilled_on
    from assigned
    inner join deliveries
        on
            {{ is_listed('assigned.argument', 'deliveries.form_code') }}
            and (
                (
                    assigned.criterion = 'list_received'
                    and {{ month_text('assigned.content_on') }}
                    <= {{ month_text('deliveries.delivery_as_of') }}
                )
                or (
                    assigned.criterion = 'report_received'
                    and {{ month_text('assigned.content_on') }}
                    = {{ month_text('deliveries.delivery_as_of') }}
                )
                or (
                    assigned.criterion = 'snapshot_loaded'
                    and deliveries.delivery_as_of between assigned.content_on and assigned.grace_on
                )
                or (
                    assigned.criterion = 'month_loaded'
                    and deliveries.delivery_as_of >= least(assigned.content_on, assigned.due_on)
                )
            )
),

ranked as (
    select
        *,
        row_number() over (
            partition by control_id, form_code, territory_id
            order by fulfilled_on, delivery_id
        ) as first_one
    from matched
),

final as (
    select
        control_id,
        criterion,
        argument,
        cast(territory_id as integer) as territory_id,
        cast(fulfilled_on as date) as fulfilled_on,
        form_code as evidence_form,
        delivery_id as evidence_delivery_id
    from ranked
    where first_one = 1
)

select * from final
