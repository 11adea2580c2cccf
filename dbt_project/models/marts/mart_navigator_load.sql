with run as (
    select * from {{ ref('int_run') }}
),

reported as (
    select * from {{ ref('int_forms_reported') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

navigators as (
    select * from {{ ref('dim_navigator') }}
    where is_l2_active and territory_id is not null
),

pupils as (
    select * from {{ ref('dim_pupil') }}
    where is_active and territory_id is not null
),

navigator_loads as (
    select
        territory_id,
        cast(count(*) as bigint) as n_navigators,
        cast(sum(n_pupils_attached) as bigint) as n_pupils_attached,
        max(n_pupils_attached) as max_load,
        {{ count_rows('is_over_limit') }} as n_over_limit
    from navigators
    group by territory_id
),

pupil_counts as (
    select
        territory_id,
        {{ count_rows('navigator_key is null') }} as n_pupils_without_navigator
    from pupils
    group by territory_id
),

loads as (
    select
        territories.territory_id as territory_id,
        {{ total('navigator_loads.n_navigators') }} as n_navigators,
        {{ total('navigator_loads.n_pupils_attached') }} as n_pupils_attached,
        cast(max(navigator_loads.max_load) as bigint) as max_load,
        {{ total('navigator_loads.n_over_limit') }} as n_over_limit
    from territories
    left join navigator_loads
        on
            territories.territory_id = navigator_loads.territory_id
            or territories.territory_id = 0
    group by territories.territory_id
),

without_navigator as (
    select
        territories.territory_id as territory_id,
        {{ total('pupil_counts.n_pupils_without_navigator') }} as n_pupils
    from territories
    left join pupil_counts
        on territories.territory_id = pupil_counts.territory_id or territories.territory_id = 0
    group by territories.territory_id
),

final as (
    select
        {{ run_columns('run') }},
        territories.territory_id as territory_id,
        territories.territory_name as territory_name,
        case when reported.has_p02 then loads.n_navigators end as n_navigators,
        case
            when reported.has_p02 and reported.has_p03
                then loads.n_pupils_attached
        end as n_pupils_attached,
        case
            when reported.has_p02 and reported.has_p03
                then {{ ratio('loads.n_pupils_attached', 'loads.n_navigators', 1, 9) }}
        end as avg_load,
        case when reported.has_p02 and reported.has_p03 then loads.max_load end as max_load,
        case when reported.has_p02 and reported.has_p03 then loads.n_over_limit end as n_over_limit,
        case when reported.has_p03 then without_navigator.n_pupils end as n_pupils_without_navigator,
        run.load_limit as load_limit
    from territories
    cross join run
    cross join reported
    inner join loads on territories.territory_id = loads.territory_id
    inner join without_navigator on territories.territory_id = without_navigator.territory_id
)

select * from final
