-- What: a fact is there exactly when the value is reported; zero is never put for silence.
-- When it matters: always.
-- What to do: look at int_indicator_value.
select
    territory_id,
    indicator_id
from {{ ref('mart_indicator_progress') }}
where (fact is null) = (value_status = 'reported')
