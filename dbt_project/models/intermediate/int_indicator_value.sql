with territories as (
    select * from {{ ref('dim_territory') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

targets as (
    select * from {{ ref('fct_target') }}
),

facts as (
    select * from {{ ref('int_indicator_fact') }}
),

sums as (
    select
        indicator_id,
        cast(sum(fact_of_territory) as bigint) as fact_sum
    from facts
    group by indicator_id
),

judged as (
    select
        territories.territory_id as territory_id,
        indicators.indicator_id as indicator_id,
        indicators.is_confirmed_reported as is_confirmed_reported,
        targets.target as target,
        targets.target_declared as target_declared,
        targets.target_required as target_required,
        coalesce(facts.fact, 0) as counted,
        coalesce(facts.fact_confirmed, 0) as counted_confirmed,
        coalesce(sums.fact_sum, 0) as counted_in_territories,
        case
            when indicators.value_status <> 'reported' and targets.target = 0 then 'not_applicable'
            else indicators.value_status
        end as value_status
    from territories
    cross join indicators
    left join targets
        on
            territories.territory_id = targets.territory_id
            and indicators.indicator_id = targets.indicator_id
    left join facts
        on
            territories.territory_id = facts.territory_id
            and indicators.indicator_id = facts.indicator_id
    left join sums on indicators.indicator_id = sums.indicator_id
),

final as (
    select
        territory_id,
        indicator_id,
        value_status,
        target,
        target_declared,
        target_required,
        case when value_status = 'reported' then counted end as fact,
        case
            when value_status = 'reported' and is_confirmed_reported then counted_confirmed
        end as fact_confirmed,
        case
            when value_status = 'reported' and territory_id = 0 then counted_in_territories
        end as fact_sum_of_territories,
        case when territory_id <> 0 and value_status <> 'not_applicable' then 1 else 0 end
            as is_expected,
        case when territory_id <> 0 and value_status = 'reported' then 1 else 0 end as is_reported
    from judged
)

select * from final
