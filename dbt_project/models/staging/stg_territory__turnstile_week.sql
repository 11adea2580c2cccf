with source as (
    select
        sender_territory_id,
        delivery_as_of,
        stage,
        school_name,
        company_name,
        inn,
        held_on,
        visit_form,
        n_pupils,
        grades,
        url,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'M06') }}
)

select * from source
