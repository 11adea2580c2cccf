with source as (
    select
        sender_territory_id,
        consent_kind,
        subject_key,
        school_name,
        representative_kind,
        signed_on,
        is_original_received,
        received_on,
        withdrawn_on,
        delivery_id,
        row_id,
        source_row,
        has_error
    from {{ source('accepted', 'M04') }}
)

select * from source
