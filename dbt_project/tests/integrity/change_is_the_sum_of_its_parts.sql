-- What: the causes of a change add up to the difference of the two facts, for every figure.
-- When it matters: always; a person without a cause, or with two, would make the explanation a guess.
-- What to do: look at int_indicator_cause for the territory and indicator named here.
select
    territory_id,
    indicator_id,
    difference
from {{ ref('mart_indicator_change') }}
where
    fact_before is not null
    and fact_after is not null
    and difference
    <> new_facts + late_facts + corrections + moved_in + moved_out + left_project + formula_changes
