with forms as (
    select distinct form_code from {{ ref('indicator_forms') }}
    union
    select distinct form_code from {{ ref('form_schedule') }}
    union
    select distinct form_code from {{ ref('stg_control__expected') }}
    union
    select distinct form_code from {{ ref('stg_control__deliveries') }}
    where form_code is not null
),

deliveries as (
    select
        form_code,
        {{ any_row('is_selected') }} as has_selected,
        {{ any_row('sender_territory_id > 0') }} as is_from_territories,
        {{ any_row("status = 'rejected'") }} as has_rejected
    from {{ ref('stg_control__deliveries') }}
    group by form_code
),

final as (
    select
        forms.form_code as form_code,
        case
            when deliveries.has_selected then 'reported'
            when deliveries.has_rejected then 'rejected'
            else 'not_reported'
        end as value_status,
        coalesce(deliveries.is_from_territories, false) as is_from_territories
    from forms
    left join deliveries on forms.form_code = deliveries.form_code
)

select * from final
