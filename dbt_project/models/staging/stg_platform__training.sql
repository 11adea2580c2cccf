with source as (
    select
        delivery_as_of,
        participant_key,
        role,
        programme,
        school_id,
        hours,
        enrolled_on,
        progress_pct,
        finished_on,
        status,
        document_no,
        document_on,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'P11') }}
)

select * from source
