with exports as (
    select
        case form_code
            when 'P02' then 'navigator'
            when 'P03' then 'pupil'
            else 'participant'
        end as subject,
        delivery_as_of
    from {{ ref('stg_history__deliveries') }}
    where form_code in ('P02', 'P03', 'P04', 'P05')
),

-- A participation needs both of its exports: what the older one did not show could not be seen.
final as (
    select
        subject,
        min(delivery_as_of) as seen_on
    from exports
    group by subject
)

select * from final
