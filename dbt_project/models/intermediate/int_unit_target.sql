with contributions as (
    select * from {{ ref('fct_indicator_contribution') }}
    where territory_id is not null
),

slots as (
    select * from {{ ref('stg_platform__slots') }}
    where slot_kind = 'trial' and coalesce(status, '') <> 'cancelled'
),

final as (
    {{ duty_unit(
        'target_reached', 'territory_id',
        'counted_on',
        'P03', 'null', argument='indicator_id'
    ) }}
    from contributions
    union all
    {{ duty_unit('seats_offered', '0', 'published_at', 'P09', 'row_id', weight='n_seats') }}
    from slots
)

select * from final
