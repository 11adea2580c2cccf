with run as (
    select * from {{ ref('int_run') }}
),

indicators as (
    select indicators.*
    from {{ ref('secondary_indicators') }} as indicators
    inner join run on indicators.order_id = run.order_id
),

plan as (
    select
        plan.column_code as column_code,
        plan.territory_id as territory_id,
        plan.value as value
    from {{ ref('int_target_in_force') }} as plan
    inner join run on plan.order_id = run.order_id
    union all
    select
        plan.column_code as column_code,
        0 as territory_id,
        sum(plan.value) as value
    from {{ ref('int_target_in_force') }} as plan
    inner join run on plan.order_id = run.order_id
    group by plan.column_code
),

joined as (
    select
        indicators.indicator_code as indicator_code,
        indicators.position as position,
        indicators.name_ru as name_ru,
        indicators.roadmap_item as roadmap_item,
        indicators.kind as kind,
        indicators.unit_ru as unit,
        cells.territory_id as territory_id,
        cells.territory_name as territory_name,
        cells.dimension as dimension,
        cells.value_status as value_status,
        case
            when cells.value_status = 'reported' and indicators.kind <> 'measured'
                then coalesce(measured.numerator, 0)
        end as numerator,
        case
            when not cells.is_base_known then null
            when indicators.column_code is not null then plan.value
            when indicators.kind = 'share' and cells.value_status = 'reported'
                then coalesce(measured.denominator, 0)
            else measured.denominator
        end as denominator,
        case when cells.value_status = 'reported' then measured.measured end as measured
    from indicators
    inner join {{ ref('int_secondary_cell') }} as cells on indicators.measure = cells.measure
    left join {{ ref('int_secondary_measure') }} as measured
        on
            cells.measure = measured.measure
            and cells.territory_id = measured.territory_id
            and cells.dimension = measured.dimension
    left join plan
        on
            indicators.column_code = plan.column_code
            and cells.territory_id = plan.territory_id
),

valued as (
    select
        joined.*,
        case joined.kind
            when 'share' then {{ percent_display('joined.numerator', 'joined.denominator') }}
            when 'measured' then joined.measured
            else joined.numerator
        end as value
    from joined
),

final as (
    select
        {{ run_columns('run') }},
        valued.indicator_code as indicator_code,
        cast(valued.position as integer) as position,
        valued.name_ru as name_ru,
        valued.roadmap_item as roadmap_item,
        valued.territory_id as territory_id,
        valued.territory_name as territory_name,
        valued.dimension as dimension,
        valued.kind as kind,
        cast(valued.numerator as bigint) as numerator,
        cast(valued.denominator as bigint) as denominator,
        cast(valued.value as decimal(12, 1)) as value,
        valued.unit as unit,
        case
            -- Known, and nobody there to count.
            when valued.value_status = 'reported' and valued.value is null then 'not_applicable'
            else valued.value_status
        end as value_status
    from valued
    cross join run
)

select * from final
