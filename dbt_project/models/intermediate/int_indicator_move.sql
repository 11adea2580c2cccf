with previous as (
    select * from {{ ref('int_previous_run') }}
),

known_now as (
    select indicator_id from {{ ref('dim_indicator') }}
    where value_status = 'reported'
),

known_before as (
    select indicator_id from {{ ref('stg_history__progress') }}
    where territory_id = 0 and value_status = 'reported'
),

-- Who would count in a figure that nobody knows does not count.
contributions as (
    select contributions.*
    from {{ ref('fct_indicator_contribution') }} as contributions
    inner join known_now on contributions.indicator_id = known_now.indicator_id
    where contributions.territory_id is not null
),

before as (
    select before.*
    from {{ ref('stg_history__contributions') }} as before
    inner join known_before on before.indicator_id = known_before.indicator_id
    where before.territory_id is not null
),

-- The region is one more place: a person stands in it once.
now_placed as (
    select
        indicator_id,
        person_key,
        territory_id,
        counted_on,
        known_on
    from contributions
    union all
    select
        indicator_id,
        person_key,
        0 as territory_id,
        min(counted_on) as counted_on,
        min(known_on) as known_on
    from contributions
    group by
        indicator_id,
        person_key
),

before_placed as (
    select
        indicator_id,
        person_key,
        territory_id
    from before
    union all
    select distinct
        indicator_id,
        person_key,
        0 as territory_id
    from before
),

added as (
    select
        now_placed.indicator_id as indicator_id,
        now_placed.person_key as person_key,
        now_placed.territory_id as territory_id,
        1 as direction,
        now_placed.counted_on as counted_on,
        now_placed.known_on as known_on,
        known_before.indicator_id is null as is_other_side_unknown
    from now_placed
    cross join previous
    left join known_before on now_placed.indicator_id = known_before.indicator_id
    left join before_placed
        on
            now_placed.indicator_id = before_placed.indicator_id
            and now_placed.person_key = before_placed.person_key
            and now_placed.territory_id = before_placed.territory_id
    where before_placed.person_key is null
),

removed as (
    select
        before_placed.indicator_id as indicator_id,
        before_placed.person_key as person_key,
        before_placed.territory_id as territory_id,
        -1 as direction,
        cast(null as date) as counted_on,
        cast(null as date) as known_on,
        known_now.indicator_id is null as is_other_side_unknown
    from before_placed
    cross join previous
    left join known_now on before_placed.indicator_id = known_now.indicator_id
    left join now_placed
        on
            before_placed.indicator_id = now_placed.indicator_id
            and before_placed.person_key = now_placed.person_key
            and before_placed.territory_id = now_placed.territory_id
    where now_placed.person_key is null
),

final as (
    select * from added
    union all
    select * from removed
)

select * from final
