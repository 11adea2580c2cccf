with source as (
    select
        sender_territory_id,
        municipality_territory_id,
        school_name,
        inn,
        email_key,
        is_continuing,
        cohort_year,
        n_pupils_planned,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'M03') }}
)

select * from source
