with indicators as (
    select * from {{ ref('dim_indicator') }}
),

contributions as (
    select * from {{ ref('fct_indicator_contribution') }}
    where territory_id is not null
),

by_territory as (
    select
        indicator_id,
        territory_id,
        cast(count(*) as bigint) as fact,
        {{ count_rows('is_confirmed') }} as fact_confirmed
    from contributions
    group by
        indicator_id,
        territory_id
),

persons as (
    select
        indicator_id,
        person_key,
        {{ any_row('is_confirmed') }} as is_confirmed
    from contributions
    group by
        indicator_id,
        person_key
),

of_region as (
    select
        indicator_id,
        0 as territory_id,
        cast(count(*) as bigint) as fact,
        {{ count_rows('is_confirmed') }} as fact_confirmed
    from persons
    group by indicator_id
),

measured as (
    select
        indicator_id,
        territory_id,
        fact,
        fact_confirmed,
        fact as fact_of_territory
    from by_territory
    union all
    select
        indicator_id,
        territory_id,
        fact,
        fact_confirmed,
        cast(0 as bigint) as fact_of_territory
    from of_region
),

final as (
    select
        indicators.indicator_id as indicator_id,
        cast(measured.territory_id as integer) as territory_id,
        cast(sum(measured.fact) as bigint) as fact,
        cast(sum(measured.fact_confirmed) as bigint) as fact_confirmed,
        cast(sum(measured.fact_of_territory) as bigint) as fact_of_territory
    from indicators
    inner join measured
        on {{ has_component('indicators.components', 'measured.indicator_id') }}
    group by
        indicators.indicator_id,
        measured.territory_id
)

select * from final
