-- What: a territory with a pupil without a seat has no navigator below the limit.
-- When it matters: always; a shortage that is none would ask a municipality for people it has.
-- What to do: look at mart_attachment_plan for the territory.
with plan as (
    select * from {{ ref('mart_attachment_plan') }}
),

waiting as (
    select distinct territory_id
    from plan
    where scope = 'none'
),

taken as (
    select
        to_navigator_key,
        count(*) as n_taken
    from plan
    where to_navigator_key is not null
    group by to_navigator_key
)

select navigators.navigator_key
from {{ ref('dim_navigator') }} as navigators
inner join waiting on navigators.territory_id = waiting.territory_id
cross join {{ ref('int_run') }} as run
left join taken on navigators.navigator_key = taken.to_navigator_key
where
    navigators.is_l2_active
    and navigators.n_pupils_attached + coalesce(taken.n_taken, 0) < run.load_limit
