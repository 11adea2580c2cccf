-- What: each active pupil without an active navigator has a line in the plan, placed or told to have no seat.
-- When it matters: always; whom the plan forgets nobody will call.
-- What to do: look at int_attachment_demand for the pupil's key.
select pupils.pupil_key
from {{ ref('dim_pupil') }} as pupils
cross join {{ ref('int_forms_reported') }} as reported
left join {{ ref('dim_navigator') }} as navigators
    on pupils.navigator_key = navigators.navigator_key and navigators.is_l2_active
left join {{ ref('mart_attachment_plan') }} as plan on pupils.pupil_key = plan.pupil_key
where
    pupils.is_active
    and pupils.territory_id is not null
    and reported.has_p02
    and reported.has_p03
    and navigators.navigator_key is null
    and plan.pupil_key is null
