with run as (
    select * from {{ ref('int_run') }}
),

demand as (
    select * from {{ ref('int_attachment_demand') }}
),

in_school as (
    select * from {{ ref('int_attachment_in_school') }}
),

taken as (
    select
        to_navigator_key,
        count(*) as n_taken
    from in_school
    group by to_navigator_key
),

waiting as (
    select
        demand.*,
        row_number() over (
            partition by demand.territory_id
            order by demand.pupil_key
        ) as place
    from demand
    left join in_school on demand.pupil_key = in_school.pupil_key
    where in_school.pupil_key is null
),

supply as (
    select
        navigators.navigator_key as navigator_key,
        navigators.territory_id as territory_id,
        run.load_limit - navigators.n_pupils_attached - coalesce(taken.n_taken, 0) as n_free
    from {{ ref('dim_navigator') }} as navigators
    cross join run
    left join taken on navigators.navigator_key = taken.to_navigator_key
    where
        navigators.is_l2_active
        and navigators.n_pupils_attached + coalesce(taken.n_taken, 0) < run.load_limit
),

seats as (
    select
        navigator_key,
        territory_id,
        n_free,
        sum(n_free) over (
            partition by territory_id
            order by navigator_key
            rows between unbounded preceding and current row
        ) as last_seat
    from supply
),

-- Where the operator finds who stands behind a key: keys alone tell nobody whom to move.
pupils as (
    select
        pupil_key,
        row_id
    from {{ ref('dim_pupil') }}
),

navigators as (
    select
        navigator_key,
        row_id
    from {{ ref('dim_navigator') }}
),

placed as (
    select
        pupil_key,
        to_navigator_key,
        'school' as scope
    from in_school
    union all
    select
        waiting.pupil_key as pupil_key,
        seats.navigator_key as to_navigator_key,
        'territory' as scope
    from waiting
    inner join seats
        on
            waiting.territory_id = seats.territory_id
            and waiting.place <= seats.last_seat
            and waiting.place > seats.last_seat - seats.n_free
),

final as (
    select
        {{ run_columns('run') }},
        demand.territory_id as territory_id,
        demand.school_id as school_id,
        demand.pupil_key as pupil_key,
        demand.reason as reason,
        demand.from_navigator_key as from_navigator_key,
        placed.to_navigator_key as to_navigator_key,
        coalesce(placed.scope, 'none') as scope,
        pupils.row_id as pupil_row_id,
        before.row_id as from_navigator_row_id,
        after.row_id as to_navigator_row_id
    from demand
    cross join run
    left join placed on demand.pupil_key = placed.pupil_key
    left join pupils on demand.pupil_key = pupils.pupil_key
    left join navigators as before on demand.from_navigator_key = before.navigator_key
    left join navigators as after on placed.to_navigator_key = after.navigator_key
)

select * from final
