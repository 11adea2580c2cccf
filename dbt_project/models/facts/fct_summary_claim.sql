with run as (
    select * from {{ ref('int_run') }}
),

claims as (
    select
        claims.*,
        row_number() over (
            partition by claims.sender_territory_id, claims.indicator_id
            order by
                claims.delivery_as_of desc nulls last,
                claims.has_error asc,
                claims.source_row desc nulls last,
                claims.row_id asc
        ) as newest
    from {{ ref('stg_territory__summary_claims') }} as claims
    cross join run
    -- A claim speaks for its month: an older one says nothing about this one.
    where {{ month_text('claims.delivery_as_of') }} = {{ month_text('run.as_of') }}
),

final as (
    select
        {{ run_columns('run') }},
        claims.sender_territory_id as territory_id,
        claims.indicator_id as indicator_id,
        claims.delivery_as_of as claimed_as_of,
        claims.value_period as value_period,
        claims.value_cumulative as value_cumulative,
        claims.has_error as has_error,
        claims.row_id as row_id
    from claims
    cross join run
    where claims.newest = 1
)

select * from final
