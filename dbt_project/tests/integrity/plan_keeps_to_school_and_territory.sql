-- What: the proposed navigator is active, and of the pupil's school or territory, as the scope says.
-- When it matters: always; territories do not lend one another their navigators.
-- What to do: look at int_attachment_in_school and mart_attachment_plan for the pupil's key.
select plan.pupil_key
from {{ ref('mart_attachment_plan') }} as plan
left join {{ ref('dim_navigator') }} as navigators
    on plan.to_navigator_key = navigators.navigator_key and navigators.is_l2_active
where
    (plan.scope = 'none') <> (plan.to_navigator_key is null)
    or (
        plan.to_navigator_key is not null
        and (
            navigators.navigator_key is null
            or navigators.territory_id <> plan.territory_id
            or (plan.scope = 'school' and navigators.school_id <> plan.school_id)
        )
    )
