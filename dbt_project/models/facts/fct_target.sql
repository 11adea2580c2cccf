with run as (
    select * from {{ ref('int_run') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

columns as (
    select * from {{ ref('target_columns') }}
),

targets as (
    select * from {{ ref('int_target_in_force') }}
),

plan as (
    select
        coalesce(
            max(case when targets.valid_from is not null then targets.amendment_id end), 'original'
        ) as plan_version,
        max(case when targets.valid_from is not null then 1 else 0 end) as is_amended
    from targets
    inner join run on targets.order_id = run.order_id
),

by_territory as (
    select
        targets.territory_id as territory_id,
        indicators.indicator_id as indicator_id,
        sum(targets.value) as target,
        cast(null as bigint) as target_declared
    from targets
    inner join columns
        on
            targets.order_id = columns.order_id
            and targets.column_code = columns.column_code
    inner join indicators
        on
            targets.order_id = indicators.order_id
            and {{ has_component('indicators.components', 'columns.indicator_id') }}
    group by
        targets.territory_id,
        indicators.indicator_id
),

declared as (
    select
        indicators.indicator_id as indicator_id,
        sum(columns.declared_total) as target_declared
    from columns
    inner join indicators
        on
            columns.order_id = indicators.order_id
            and {{ has_component('indicators.components', 'columns.indicator_id') }}
    group by indicators.indicator_id
),

of_region as (
    select
        0 as territory_id,
        by_territory.indicator_id as indicator_id,
        sum(by_territory.target) as target,
        max(declared.target_declared) as target_declared
    from by_territory
    inner join declared on by_territory.indicator_id = declared.indicator_id
    group by by_territory.indicator_id
),

united as (
    select * from by_territory
    union all
    select * from of_region
),

final as (
    select
        {{ run_columns('run') }},
        cast(united.territory_id as integer) as territory_id,
        united.indicator_id as indicator_id,
        cast(united.target as bigint) as target,
        cast(united.target_declared as bigint) as target_declared,
        cast(
            case
                -- A printed total speaks of the printed rows only.
                when plan.is_amended = 1 then united.target
                when run.regional_target_mode = 'max_of_sum_and_declared'
                    then greatest(united.target, coalesce(united.target_declared, united.target))
                when run.regional_target_mode = 'declared'
                    then coalesce(united.target_declared, united.target)
                else united.target
            end as bigint
        ) as target_required,
        plan.plan_version as plan_version
    from united
    cross join run
    cross join plan
)

select * from final
