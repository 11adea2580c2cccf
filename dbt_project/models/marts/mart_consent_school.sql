with run as (
    select * from {{ ref('int_run') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

counted as (
    select
        school_id,
        {{ count_rows('is_consent_required') }} as n_required,
        {{ count_rows('is_consent_required and not is_consent_ok') }} as n_missing
    from {{ ref('dim_pupil') }}
    where is_active and school_id is not null
    group by school_id
),

-- Finer than a territory: numbers of fewer children than the limit are not told (Q-21).
final as (
    select
        {{ run_columns('run') }},
        territories.territory_id as territory_id,
        territories.territory_name as territory_name,
        schools.school_id as school_id,
        schools.short_name as school_name,
        case when counted.n_required >= run.k_anonymity then counted.n_required end as n_required,
        case when counted.n_missing >= run.k_anonymity then counted.n_missing end as n_missing,
        counted.n_missing < run.k_anonymity as is_suppressed
    from counted
    cross join run
    inner join schools on counted.school_id = schools.school_id
    inner join territories on schools.territory_id = territories.territory_id
    where counted.n_missing > 0
)

select * from final
