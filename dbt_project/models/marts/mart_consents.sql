with run as (
    select * from {{ ref('int_run') }}
),

reported as (
    select * from {{ ref('int_forms_reported') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

registers as (
    select distinct sender_territory_id from {{ ref('fct_delivery') }}
    where form_code = 'M04' and is_selected
),

by_territory as (
    select
        territory_id,
        {{ count_rows("subject_kind = 'pupil'") }} as n_pupils_active,
        {{ count_rows("subject_kind = 'pupil' and is_original_required") }} as n_consent_required,
        {{ count_rows("subject_kind = 'pupil' and is_scan_attached") }} as n_scan_attached,
        {{ count_rows('is_original_required') }} as n_original_required,
        {{ count_rows('is_original_received') }} as n_original_received,
        {{ count_rows("subject_kind = 'navigator'") }} as n_navigators,
        {{ count_rows("subject_kind = 'navigator' and is_scan_attached") }} as n_navigator_consents
    from {{ ref('int_consent_subject') }}
    where territory_id is not null
    group by territory_id
),

summed as (
    select
        territories.territory_id as territory_id,
        count(registers.sender_territory_id) > 0 as has_register,
        {{ total('by_territory.n_pupils_active') }} as n_pupils_active,
        {{ total('by_territory.n_consent_required') }} as n_consent_required,
        {{ total('by_territory.n_scan_attached') }} as n_scan_attached,
        {{ total('by_territory.n_original_required') }} as n_original_required,
        {{ total('by_territory.n_original_received') }} as n_original_received,
        {{ total('by_territory.n_navigators') }} as n_navigators,
        {{ total('by_territory.n_navigator_consents') }} as n_navigator_consents
    from territories
    left join by_territory
        on
            territories.territory_id = by_territory.territory_id
            or territories.territory_id = 0
    left join registers
        on
            territories.territory_id = registers.sender_territory_id
            or (
                territories.territory_id = 0
                and by_territory.territory_id = registers.sender_territory_id
            )
    group by territories.territory_id
),

known as (
    select
        territories.territory_name as territory_name,
        summed.territory_id as territory_id,
        case when reported.has_p03 then summed.n_pupils_active end as n_pupils_active,
        case when reported.has_p03 then summed.n_consent_required end as n_consent_required,
        case when reported.has_p03 then summed.n_scan_attached end as n_scan_attached,
        case
            when reported.has_p02 and reported.has_p03 then summed.n_original_required
        end as n_original_required,
        -- Without the territory's register nobody knows: an empty cell, not zero.
        case
            when reported.has_p02 and reported.has_p03 and summed.has_register
                then summed.n_original_received
        end as n_original_received,
        case when reported.has_p02 then summed.n_navigators end as n_navigators,
        case when reported.has_p02 then summed.n_navigator_consents end as n_navigator_consents
    from summed
    cross join reported
    inner join territories on summed.territory_id = territories.territory_id
),

final as (
    select
        {{ run_columns('run') }},
        known.territory_id as territory_id,
        known.territory_name as territory_name,
        known.n_pupils_active as n_pupils_active,
        known.n_consent_required as n_consent_required,
        known.n_scan_attached as n_scan_attached,
        known.n_consent_required - known.n_scan_attached as n_scan_missing,
        cast({{ percent_display('known.n_scan_attached', 'known.n_consent_required') }} as decimal(9, 1))
            as pct_scan,
        run.consent_scan_due as scan_due,
        known.n_original_required as n_original_required,
        known.n_original_received as n_original_received,
        cast({{ percent_display('known.n_original_received', 'known.n_original_required') }} as decimal(9, 1))
            as pct_original,
        run.consent_original_due as original_due,
        known.n_navigators as n_navigators,
        known.n_navigator_consents as n_navigator_consents
    from known
    cross join run
)

select * from final
