with source as (
    select
        delivery_id,
        form_code,
        form_version,
        sender_territory_id,
        as_of,
        version,
        received_at,
        sha256,
        file_name,
        channel,
        status,
        is_selected,
        n_received,
        n_accepted,
        n_rejected,
        n_errors,
        n_warnings,
        supersedes
    from {{ source('control', 'deliveries') }}
)

select * from source
