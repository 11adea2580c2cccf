with run as (
    select * from {{ ref('int_run') }}
),

original as (
    select
        order_id,
        cast('original' as {{ dbt.type_string() }}) as amendment_id,
        cast(null as date) as valid_from,
        territory_id,
        column_code,
        value
    from {{ ref('targets') }}
    union all
    select
        amendments.order_id as order_id,
        amendments.amendment_id as amendment_id,
        amendments.valid_from as valid_from,
        amendments.territory_id as territory_id,
        amendments.column_code as column_code,
        amendments.value as value
    from {{ ref('target_amendments') }} as amendments
    inner join run on amendments.order_id = run.order_id
    -- An amendment changes the plan from its date on; earlier dates keep theirs.
    where amendments.valid_from <= run.as_of
),

ranked as (
    select
        *,
        row_number() over (
            partition by order_id, territory_id, column_code
            order by valid_from desc nulls last, amendment_id desc nulls last
        ) as newest
    from original
),

final as (
    select
        order_id,
        amendment_id,
        valid_from,
        territory_id,
        column_code,
        value
    from ranked
    where newest = 1
)

select * from final
