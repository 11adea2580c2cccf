with run as (
    select * from {{ ref('int_run') }}
),

duties as (
    select * from {{ ref('int_control_duty') }}
),

measured as (
    select * from {{ ref('int_unit_person') }}
    union all
    select * from {{ ref('int_unit_original') }}
    union all
    select * from {{ ref('int_unit_target') }}
    union all
    select * from {{ ref('int_unit_register') }}
    union all
    select * from {{ ref('int_unit_school') }}
    union all
    select * from {{ ref('int_unit_place') }}
    union all
    select * from {{ ref('int_unit_plan') }}
),

-- What is dated after the moment of knowledge is not known yet.
final as (
    select
        duties.control_id as control_id,
        duties.criterion as criterion,
        duties.argument as argument,
        duties.territory_id as territory_id,
        case when measured.fulfilled_on <= run.known_on then measured.fulfilled_on end as fulfilled_on,
        measured.weight as weight,
        measured.evidence_form as evidence_form,
        cast(null as {{ dbt.type_string() }}) as evidence_delivery_id,
        measured.evidence_row_id as evidence_row_id
    from duties
    cross join run
    inner join measured
        on
            duties.criterion = measured.criterion
            and duties.measured_territory_id = measured.territory_id
            and (measured.argument = '' or duties.argument = measured.argument)
            and coalesce(duties.period = measured.period, true)
            -- Who came after the due day does not owe what was due on it.
            and coalesce(duties.grace_on >= measured.since_on, true)
            and (
                not coalesce(duties.is_within_period, false)
                or coalesce(duties.period_start <= measured.fulfilled_on, true)
            )
    union all
    select
        duties.control_id as control_id,
        duties.criterion as criterion,
        duties.argument as argument,
        duties.territory_id as territory_id,
        case when deliveries.fulfilled_on <= run.known_on then deliveries.fulfilled_on end
            as fulfilled_on,
        1 as weight,
        deliveries.evidence_form as evidence_form,
        deliveries.evidence_delivery_id as evidence_delivery_id,
        cast(null as {{ dbt.type_string() }}) as evidence_row_id
    from duties
    cross join run
    inner join {{ ref('int_unit_delivery') }} as deliveries
        on
            duties.control_id = deliveries.control_id
            and duties.criterion = deliveries.criterion
            and duties.argument = deliveries.argument
            and duties.measured_territory_id = deliveries.territory_id
)

select * from final
