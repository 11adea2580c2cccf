with source as (
    select
        report_kind,
        period,
        addressee,
        outgoing_no,
        sent_on,
        file_name,
        is_paper,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'K06') }}
)

select * from source
