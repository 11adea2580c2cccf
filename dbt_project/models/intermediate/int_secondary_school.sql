with run as (
    select * from {{ ref('int_run') }}
),

certificates as (
    select distinct training.school_id as school_id
    from {{ ref('stg_platform__training') }} as training
    cross join run
    where
        training.role = 'administrator'
        and {{ is_completed_training('intensive_6h', 'intensive_hours') }}
        and training.document_on <= run.as_of
),

schools as (
    select
        schools.territory_id as territory_id,
        certificates.school_id is not null as is_trained
    from {{ ref('dim_school') }} as schools
    left join certificates on schools.school_id = certificates.school_id
    where schools.participation_status = 'participates' and schools.territory_id is not null
),

final as (
    {{ measure_count('schools_participating', 'schools', 'true') }}
    union all
    {{ measure_share('schools_with_trained_administrator', 'schools', 'true', 'is_trained') }}
)

select * from final
