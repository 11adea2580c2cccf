with run as (
    select * from {{ ref('int_run') }}
),

subjects as (
    select * from {{ ref('int_consent_subject') }}
    where is_original_required
),

originals as (
    select
        originals.subject_key as subject_key,
        case when originals.consent_kind = 'navigator' then 'navigator' else 'pupil' end as subject_kind,
        min(coalesce(originals.received_on, run.as_of)) as received_on,
        min(originals.row_id) as row_id
    from {{ ref('fct_consent_original') }} as originals
    cross join run
    where originals.is_valid and not originals.has_error
    group by
        originals.subject_key,
        case when originals.consent_kind = 'navigator' then 'navigator' else 'pupil' end
),

final as (
    {{ duty_unit(
        'originals_received', 'subjects.territory_id',
        'originals.received_on',
        'M04', 'originals.row_id', since_on='subjects.since_on'
    ) }}
    from subjects
    left join originals
        on
            subjects.subject_key = originals.subject_key
            and subjects.subject_kind = originals.subject_kind
)

select * from final
