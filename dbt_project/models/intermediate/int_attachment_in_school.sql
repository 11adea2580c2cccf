with run as (
    select * from {{ ref('int_run') }}
),

demand as (
    select
        *,
        row_number() over (
            partition by school_id
            order by pupil_key
        ) as place
    from {{ ref('int_attachment_demand') }}
),

supply as (
    select
        navigators.navigator_key as navigator_key,
        navigators.school_id as school_id,
        run.load_limit - navigators.n_pupils_attached as n_free
    from {{ ref('dim_navigator') }} as navigators
    cross join run
    where navigators.is_l2_active and navigators.n_pupils_attached < run.load_limit
),

-- Seats of a school in a row: each navigator has those after the last seat of the one before.
seats as (
    select
        navigator_key,
        school_id,
        n_free,
        sum(n_free) over (
            partition by school_id
            order by navigator_key
            rows between unbounded preceding and current row
        ) as last_seat
    from supply
),

final as (
    select
        demand.pupil_key as pupil_key,
        seats.navigator_key as to_navigator_key
    from demand
    inner join seats
        on
            demand.school_id = seats.school_id
            and demand.place <= seats.last_seat
            and demand.place > seats.last_seat - seats.n_free
)

select * from final
