-- What: every control point of the order has a status for every place that owes it.
-- When it matters: always; a duty without a criterion would be forgotten silently.
-- What to do: register a criterion for it in seeds/control_criteria.csv.
select points.control_id
from {{ ref('dim_control_point') }} as points
left join {{ ref('fct_control_point') }} as facts on points.control_id = facts.control_id
where facts.control_id is null
