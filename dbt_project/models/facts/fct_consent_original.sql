with run as (
    select * from {{ ref('int_run') }}
),

originals as (
    select * from {{ ref('stg_territory__consent_originals') }}
),

final as (
    select
        {{ run_columns('run') }},
        originals.row_id as row_id,
        originals.sender_territory_id as sender_territory_id,
        originals.consent_kind as consent_kind,
        originals.subject_key as subject_key,
        originals.representative_kind as representative_kind,
        originals.signed_on as signed_on,
        originals.is_original_received as is_original_received,
        originals.received_on as received_on,
        originals.withdrawn_on as withdrawn_on,
        coalesce(
            originals.is_original_received
            and coalesce(originals.received_on <= run.as_of, true)
            and not coalesce(originals.withdrawn_on <= run.as_of, false),
            false
        ) as is_valid,
        originals.has_error as has_error
    from originals
    cross join run
)

select * from final
