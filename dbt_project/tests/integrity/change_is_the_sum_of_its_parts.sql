-- What: the causes of a change add up to the difference of the two facts, for every figure.
-- When it matters: always; a person without a cause, or with two, would make the explanation a guess.
-- What to do: look at int_indicator_cause for the territory and indicator named here.
select
    changes.territory_id,
    changes.indicator_id,
    changes.difference
from {{ ref('mart_indicator_change') }} as changes
inner join {{ ref('dim_indicator') }} as indicators on changes.indicator_id = indicators.indicator_id
where
    changes.difference
    <> changes.new_facts
    + changes.late_facts
    + changes.corrections
    + changes.moved_in
    + changes.moved_out
    + changes.left_project
    + changes.formula_changes
    + changes.unknown_facts
    -- A sum is unknown as soon as one of its parts is.
    and (
        indicators.components = indicators.indicator_id
        or (changes.fact_before is not null and changes.fact_after is not null)
    )
