with run as (
    select * from {{ ref('int_run') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

progress as (
    select * from {{ ref('mart_indicator_progress') }}
    where territory_id = 0
),

final as (
    select
        {{ run_columns('run') }},
        indicators.indicator_id as indicator_id,
        indicators.short_name as short_name,
        progress.value_status as value_status,
        progress.fact as fact_distinct,
        progress.fact_sum_of_territories as fact_sum_of_territories,
        progress.fact_sum_of_territories - progress.fact as n_movers,
        progress.target as target_sum,
        progress.target_declared as target_declared,
        progress.target_declared - progress.target as target_difference
    from indicators
    cross join run
    inner join progress on indicators.indicator_id = progress.indicator_id
)

select * from final
