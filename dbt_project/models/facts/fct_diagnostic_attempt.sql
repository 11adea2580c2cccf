with run as (
    select * from {{ ref('int_run') }}
),

pupils as (
    select * from {{ ref('dim_pupil') }}
),

-- One row an attempt: another one was rejected before it came here (K-key).
attempts as (
    select * from {{ ref('stg_platform__diagnostics') }}
),

final as (
    select
        {{ run_columns('run') }},
        attempts.attempt_id as attempt_id,
        attempts.pupil_key as pupil_key,
        pupils.territory_id as territory_id,
        attempts.methodology_code as methodology_code,
        attempts.methodology_name as methodology_name,
        attempts.age_version as age_version,
        attempts.phase as phase,
        attempts.started_at as started_at,
        attempts.finished_at as finished_at,
        attempts.status as status,
        coalesce(pupils.is_active, false) as is_active_pupil,
        coalesce(attempts.status in ('started', 'finished'), false) as is_started,
        coalesce(attempts.status = 'finished', false) as is_finished,
        attempts.has_error as has_error,
        attempts.row_id as row_id
    from attempts
    cross join run
    left join pupils on attempts.pupil_key = pupils.pupil_key
)

select * from final
