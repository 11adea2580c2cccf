-- A person works towards the target since the first row that counts.
with contributions as (
    select
        indicator_id,
        territory_id,
        counted_on,
        row_id,
        row_number() over (
            partition by indicator_id, person_key, territory_id
            order by counted_on, row_id
        ) as first_one
    from {{ ref('fct_indicator_source_row') }}
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
        '', 'row_id', argument='indicator_id'
    ) }}
    from contributions
    where first_one = 1
    union all
    {{ duty_unit('seats_offered', '0', 'published_at', 'P09', 'row_id', weight='n_seats') }}
    from slots
)

select * from final
