with run as (
    select * from {{ ref('int_run') }}
),

-- A form that nobody owed yet and nobody sent is not due.
signs as (
    select
        schedule.form_code as form_code,
        0 as territory_id,
        '' as month,
        false as is_taken,
        false as is_rejected,
        false as is_due
    from {{ ref('form_schedule') }} as schedule
    inner join run on schedule.order_id = run.order_id
    union all
    select
        form_code,
        sender_territory_id as territory_id,
        {{ month_text('delivery_as_of') }} as month,
        is_selected as is_taken,
        status = 'rejected' as is_rejected,
        false as is_due
    from {{ ref('fct_delivery') }}
    where form_code is not null and sender_territory_id is not null
    union all
    select
        form_code,
        sender_territory_id as territory_id,
        {{ dbt.concat([
            dbt.split_part('period', "'-'", 1), "'-'", dbt.split_part('period', "'-'", 2)
        ]) }} as month,
        false as is_taken,
        false as is_rejected,
        is_due
    from {{ ref('fct_expected_delivery') }}
),

-- Each sign speaks for its month and for all of them; a territory's, for the region too.
spread as (
    select * from signs
    union all
    select
        form_code,
        territory_id,
        '' as month,
        is_taken,
        is_rejected,
        is_due
    from signs
    where month <> ''
),

placed as (
    select * from spread
    union all
    select
        form_code,
        0 as territory_id,
        month,
        is_taken,
        is_rejected,
        is_due
    from spread
    where territory_id <> 0
),

final as (
    select
        form_code,
        cast(territory_id as integer) as territory_id,
        month,
        case
            when {{ any_row('is_taken') }} then 'reported'
            when {{ any_row('is_rejected') }} then 'rejected'
            when {{ any_row('is_due') }} then 'not_reported'
            else 'not_due'
        end as value_status
    from placed
    group by
        form_code,
        territory_id,
        month
)

select * from final
