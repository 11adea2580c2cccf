with source as (
    select
        delivery_as_of,
        requested_on,
        requested_by,
        answer_due_on,
        answered_on,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'K09') }}
)

select * from source
