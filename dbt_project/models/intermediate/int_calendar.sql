with calendar as (
    select * from {{ ref('calendar') }}
),

numbered as (
    select
        date as date_day,
        is_working,
        sum(case when is_working then 1 else 0 end) over (
            order by date
            rows between unbounded preceding and current row
        ) as working_days_so_far
    from calendar
),

final as (
    select
        date_day,
        is_working,
        cast(working_days_so_far as integer) as working_day_number,
        cast(
            working_days_so_far + case when is_working then 0 else 1 end as integer
        ) as reached_working_day
    from numbered
)

select * from final
