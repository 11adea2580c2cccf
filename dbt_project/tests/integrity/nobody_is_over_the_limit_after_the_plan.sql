-- What: after the plan, leaving out who found no seat, no navigator has more pupils than the limit.
-- When it matters: always; a plan that overloads somebody, or leaves an overload untold, is no plan.
-- What to do: look at int_attachment_demand and mart_attachment_plan for the navigator named here.
with plan as (
    select * from {{ ref('mart_attachment_plan') }}
),

after_plan as (
    select
        pupils.navigator_key as navigator_key,
        case when pupils.territory_id is null then 1 else 0 end as n_immovable
    from {{ ref('dim_pupil') }} as pupils
    left join plan on pupils.pupil_key = plan.pupil_key
    where pupils.is_active and plan.pupil_key is null
    union all
    select
        to_navigator_key as navigator_key,
        0 as n_immovable
    from plan
    where to_navigator_key is not null
),

loads as (
    select
        navigator_key,
        count(*) as n_pupils,
        sum(n_immovable) as n_immovable
    from after_plan
    group by navigator_key
)

select
    loads.navigator_key as navigator_key,
    loads.n_pupils as n_pupils
from loads
inner join {{ ref('dim_navigator') }} as navigators
    on loads.navigator_key = navigators.navigator_key
cross join {{ ref('int_run') }} as run
cross join {{ ref('int_forms_reported') }} as reported
where
    navigators.is_l2_active
    and reported.has_p02
    and reported.has_p03
    and loads.n_pupils > greatest(run.load_limit, loads.n_immovable)
