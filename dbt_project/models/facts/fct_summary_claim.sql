with run as (
    select * from {{ ref('int_run') }}
),

claims as (
    select
        *,
        row_number() over (
            partition by sender_territory_id, indicator_id
            order by delivery_as_of desc, has_error asc, source_row desc, row_id asc
        ) as newest
    from {{ ref('stg_territory__summary_claims') }}
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
