-- What: 100,0 % or more is shown only when the fact has reached the target.
-- When it matters: always; a reader takes 100,0 for done.
-- What to do: look at the macro percent_display.
select
    territory_id,
    indicator_id
from {{ ref('mart_indicator_progress') }}
where pct_display >= 100 and fact < target
