with run as (
    select * from {{ ref('int_run') }}
),

assigned as (
    select assigned.*
    from {{ ref('control_criteria') }} as assigned
    inner join run on assigned.order_id = run.order_id
),

criteria as (
    select * from {{ ref('criteria') }}
),

dates as (
    select * from {{ ref('int_control_date') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

-- Whose file is missing: nobody's of the form, or this territory's own.
absent as (
    select
        statuses.form_code as form_code,
        territories.territory_id as territory_id
    from {{ ref('int_form_status') }} as statuses
    cross join territories
    left join {{ ref('fct_delivery') }} as deliveries
        on
            statuses.form_code = deliveries.form_code
            and territories.territory_id = deliveries.sender_territory_id
            and deliveries.is_selected
    group by
        statuses.form_code,
        territories.territory_id
    having
        max(statuses.value_status) <> 'reported'
        or (
            {{ any_row('statuses.is_from_territories') }}
            and territories.territory_id <> 0
            and count(deliveries.delivery_id) = 0
        )
),

-- A duty cannot be measured while a form that it is measured by was not received.
missing as (
    select
        assigned.control_id as control_id,
        assigned.criterion as criterion,
        coalesce(assigned.argument, '') as argument,
        absent.territory_id as territory_id,
        min(absent.form_code) as form_code
    from assigned
    inner join absent
        on
            {{ is_listed('assigned.form_codes', 'absent.form_code') }}
    group by
        assigned.control_id,
        assigned.criterion,
        coalesce(assigned.argument, ''),
        absent.territory_id
),

final as (
    select
        assigned.control_id as control_id,
        assigned.criterion as criterion,
        coalesce(assigned.argument, '') as argument,
        territories.territory_id as territory_id,
        case when criteria.measured_at = 'region' then 0 else territories.territory_id end
            as measured_territory_id,
        criteria.required_mode as required_mode,
        assigned.required_count as required_count,
        criteria.is_observed as is_observed,
        criteria.is_within_period as is_within_period,
        criteria.unit_ru as unit,
        criteria.rule_text_ru as rule_text,
        dates.period as period,
        dates.period_start as period_start,
        dates.content_on as content_on,
        dates.due_on as due_on,
        dates.grace_on as grace_on,
        dates.grace_number as grace_number,
        missing.control_id is not null as is_form_missing,
        missing.form_code as missing_form
    from assigned
    inner join criteria on assigned.criterion = criteria.criterion
    inner join dates on assigned.control_id = dates.control_id
    inner join territories
        on
            assigned.scope = territories.territory_kind
            or (assigned.scope = 'territory' and territories.territory_kind <> 'region')
    left join missing
        on
            assigned.control_id = missing.control_id
            and assigned.criterion = missing.criterion
            and coalesce(assigned.argument, '') = missing.argument
            and territories.territory_id = missing.territory_id
)

select * from final
