with source as (
    select
        pupil_key,
        grade,
        grade_letter,
        school_id,
        municipality_territory_id,
        navigator_key,
        registered_on,
        cohort_year,
        status,
        status_on,
        is_authorised,
        is_verified,
        authorised_at,
        verified_at,
        consent_status,
        consent_on,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'P03') }}
)

select * from source
