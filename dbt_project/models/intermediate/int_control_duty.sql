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

statuses as (
    select * from {{ ref('int_form_status') }}
),

-- A duty cannot be measured while a form that it is measured by was not received.
missing as (
    select distinct
        assigned.control_id as control_id,
        assigned.criterion as criterion,
        coalesce(assigned.argument, '') as argument
    from assigned
    inner join statuses
        on
            {{ dbt.concat(["';'", "assigned.form_codes", "';'"]) }}
            like {{ dbt.concat(["'%;'", "statuses.form_code", "';%'"]) }}
    where statuses.value_status <> 'reported'
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
        criteria.unit_ru as unit,
        criteria.rule_text_ru as rule_text,
        dates.period as period,
        dates.content_on as content_on,
        dates.due_on as due_on,
        dates.grace_on as grace_on,
        dates.grace_number as grace_number,
        missing.control_id is not null as is_form_missing
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
)

select * from final
