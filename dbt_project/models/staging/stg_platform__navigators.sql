with source as (
    select
        navigator_key,
        email_key,
        position,
        school_id,
        municipality_territory_id,
        registered_on,
        cohort_year,
        status,
        is_profile_completed,
        is_application_attached,
        application_on,
        is_consent_attached,
        consent_on,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'P02') }}
)

select * from source
