-- What: every criterion that an order uses is registered, and every registered one is used.
-- When it matters: when a control point or a criterion is added; an unknown one would judge nothing.
-- What to do: correct the name in seeds/control_criteria.csv or add it to seeds/criteria.csv.
select coalesce(assigned.criterion, criteria.criterion) as criterion
from {{ ref('control_criteria') }} as assigned
full outer join {{ ref('criteria') }} as criteria on assigned.criterion = criteria.criterion
where assigned.criterion is null or criteria.criterion is null
