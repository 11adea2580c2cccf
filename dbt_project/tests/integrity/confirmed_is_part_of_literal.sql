-- What: nobody is confirmed who does not count.
-- When it matters: always; the report prints the two side by side.
-- What to do: look at the confirmed flags of fct_indicator_contribution.
select
    territory_id,
    indicator_id
from {{ ref('mart_indicator_progress') }}
where fact_confirmed > fact
