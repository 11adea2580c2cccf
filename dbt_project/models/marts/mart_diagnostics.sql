with run as (
    select * from {{ ref('int_run') }}
),

reported as (
    select * from {{ ref('int_forms_reported') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

attempts as (
    select * from {{ ref('fct_diagnostic_attempt') }}
),

methodologies as (
    select
        methodology_code,
        max(methodology_name) as methodology_name
    from attempts
    group by methodology_code
),

pupils as (
    select
        territory_id,
        cast(count(*) as bigint) as n_pupils_active
    from {{ ref('dim_pupil') }}
    where is_active and territory_id is not null
    group by territory_id
),

takers as (
    select
        territory_id,
        methodology_code,
        {{ count_persons('pupil_key', 'is_started') }} as n_started,
        {{ count_persons('pupil_key', 'is_finished') }} as n_finished
    from attempts
    where is_active_pupil and territory_id is not null
    group by
        territory_id,
        methodology_code
),

summed as (
    select
        territories.territory_id as territory_id,
        methodologies.methodology_code as methodology_code,
        {{ total('pupils.n_pupils_active') }} as n_pupils_active,
        {{ total('takers.n_started') }} as n_started,
        {{ total('takers.n_finished') }} as n_finished
    from territories
    cross join methodologies
    left join pupils
        on territories.territory_id = pupils.territory_id or territories.territory_id = 0
    left join takers
        on
            pupils.territory_id = takers.territory_id
            and methodologies.methodology_code = takers.methodology_code
    group by
        territories.territory_id,
        methodologies.methodology_code
),

final as (
    select
        {{ run_columns('run') }},
        summed.territory_id as territory_id,
        territories.territory_name as territory_name,
        summed.methodology_code as methodology_code,
        methodologies.methodology_name as methodology_name,
        summed.n_pupils_active as n_pupils_active,
        summed.n_started as n_started,
        summed.n_finished as n_finished,
        cast({{ percent_display('summed.n_finished', 'summed.n_pupils_active') }} as decimal(9, 1))
            as pct_finished
    from summed
    cross join run
    inner join reported on reported.has_p03 and reported.has_p06
    inner join territories on summed.territory_id = territories.territory_id
    inner join methodologies on summed.methodology_code = methodologies.methodology_code
)

select * from final
