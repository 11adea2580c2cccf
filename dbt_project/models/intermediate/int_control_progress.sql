with duties as (
    select * from {{ ref('int_control_duty') }}
),

units as (
    select * from {{ ref('int_control_unit') }}
),

schools as (
    select
        territory_id,
        {{ count_rows("participation_status = 'participates'") }} as n_schools
    from {{ ref('dim_school') }}
    group by territory_id
),

counted as (
    select
        control_id,
        criterion,
        argument,
        territory_id,
        cast(sum(weight) as bigint) as n_units,
        cast(coalesce(sum(case when fulfilled_on is not null then weight end), 0) as bigint) as measured
    from units
    group by
        control_id,
        criterion,
        argument,
        territory_id
),

judged as (
    select
        duties.*,
        coalesce(counted.measured, 0) as measured,
        case duties.required_mode
            when 'all'
                then greatest(
                    coalesce(counted.n_units, 0),
                    -- At least so many, unless the target of the territory is 0.
                    least(duties.required_count, coalesce(targets.target_required, duties.required_count))
                )
            when 'count' then duties.required_count
            when 'target' then coalesce(targets.target_required, 0)
            when 'schools' then coalesce(schools.n_schools, 0)
        end as required
    from duties
    left join counted
        on
            duties.control_id = counted.control_id
            and duties.criterion = counted.criterion and duties.argument = counted.argument
            and duties.territory_id = counted.territory_id
    left join {{ ref('fct_target') }} as targets
        on duties.measured_territory_id = targets.territory_id and duties.argument = targets.indicator_id
    left join schools on duties.measured_territory_id = schools.territory_id
),

-- In the order of their days: the unit that reaches what is required is the proof.
running as (
    select
        units.*,
        sum(units.weight) over (
            partition by units.control_id, units.criterion, units.argument, units.territory_id
            order by units.fulfilled_on, units.evidence_row_id, units.evidence_delivery_id
            rows between unbounded preceding and current row
        ) as reached
    from units
    where units.fulfilled_on is not null
),

proofs as (
    select
        running.*,
        row_number() over (
            partition by running.control_id, running.criterion, running.argument, running.territory_id
            order by running.reached
        ) as place
    from running
    inner join judged
        on
            running.control_id = judged.control_id
            and running.criterion = judged.criterion and running.argument = judged.argument
            and running.territory_id = judged.territory_id
            and running.reached >= judged.required
            and judged.required > 0
),

final as (
    select
        judged.control_id as control_id,
        judged.criterion as criterion,
        judged.argument as argument,
        judged.territory_id as territory_id,
        judged.required_mode as required_mode,
        judged.is_observed as is_observed,
        judged.unit as unit,
        judged.rule_text as rule_text,
        judged.due_on as due_on,
        judged.grace_on as grace_on,
        judged.grace_number as grace_number,
        judged.is_form_missing as is_form_missing,
        judged.missing_form as missing_form,
        judged.measured as measured,
        judged.required as required,
        proofs.fulfilled_on as done_on,
        proofs.evidence_form as evidence_form,
        proofs.evidence_delivery_id as evidence_delivery_id,
        proofs.evidence_row_id as evidence_row_id
    from judged
    left join proofs
        on
            judged.control_id = proofs.control_id
            and judged.criterion = proofs.criterion and judged.argument = proofs.argument
            and judged.territory_id = proofs.territory_id
            and proofs.place = 1
)

select * from final
