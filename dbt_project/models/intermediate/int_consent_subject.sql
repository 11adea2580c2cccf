with originals as (
    select distinct
        subject_key,
        case when consent_kind = 'navigator' then 'navigator' else 'pupil' end as subject_kind
    from {{ ref('fct_consent_original') }}
    where is_valid and not has_error
),

subjects as (
    select
        'pupil' as subject_kind,
        pupil_key as subject_key,
        territory_id,
        registered_on as since_on,
        is_consent_required as is_original_required,
        is_consent_required and consent_status = 'attached' as is_scan_attached
    from {{ ref('dim_pupil') }}
    where is_active
    union all
    select
        'navigator' as subject_kind,
        navigator_key as subject_key,
        territory_id,
        registered_on as since_on,
        true as is_original_required,
        coalesce(is_consent_attached, false) as is_scan_attached
    from {{ ref('dim_navigator') }}
    where is_l2_active
),

final as (
    select
        subjects.subject_kind as subject_kind,
        subjects.subject_key as subject_key,
        subjects.territory_id as territory_id,
        subjects.since_on as since_on,
        subjects.is_original_required as is_original_required,
        subjects.is_scan_attached as is_scan_attached,
        originals.subject_key is not null and subjects.is_original_required as is_original_received
    from subjects
    left join originals
        on
            subjects.subject_kind = originals.subject_kind
            and subjects.subject_key = originals.subject_key
)

select * from final
