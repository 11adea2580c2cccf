with source as (
    select
        attempt_id,
        pupil_key,
        methodology_code,
        methodology_name,
        age_version,
        phase,
        started_at,
        finished_at,
        status,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'P06') }}
)

select * from source
