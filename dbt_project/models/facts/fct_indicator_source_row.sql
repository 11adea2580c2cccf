with run as (
    select * from {{ ref('int_run') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

counted as (
    select * from {{ ref('int_formula_row') }}
),

final as (
    select
        {{ run_columns('run') }},
        indicators.indicator_id as indicator_id,
        counted.person_key as person_key,
        counted.territory_id as territory_id,
        counted.is_confirmed as is_confirmed,
        counted.counted_on as counted_on,
        counted.known_on as known_on,
        counted.row_id as row_id
    from counted
    cross join run
    inner join indicators on counted.formula_id = indicators.formula_id
)

select * from final
