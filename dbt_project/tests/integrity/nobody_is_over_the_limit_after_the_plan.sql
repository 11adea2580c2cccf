-- What: with the proposed attachments no navigator has more pupils than the limit.
-- When it matters: always; a plan that overloads somebody else is no plan.
-- What to do: look at int_attachment_in_school and mart_attachment_plan for the navigator named here.
with stays as (
    select
        pupils.navigator_key as navigator_key,
        count(*) as n_pupils
    from {{ ref('dim_pupil') }} as pupils
    left join {{ ref('mart_attachment_plan') }} as plan on pupils.pupil_key = plan.pupil_key
    where pupils.is_active and pupils.navigator_key is not null and plan.to_navigator_key is null
    group by pupils.navigator_key
),

comes as (
    select
        to_navigator_key as navigator_key,
        count(*) as n_pupils
    from {{ ref('mart_attachment_plan') }}
    where to_navigator_key is not null
    group by to_navigator_key
)

select comes.navigator_key
from comes
cross join {{ ref('int_run') }} as run
left join stays on comes.navigator_key = stays.navigator_key
where comes.n_pupils + coalesce(stays.n_pupils, 0) > run.load_limit
