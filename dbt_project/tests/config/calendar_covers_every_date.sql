-- What: the production calendar holds each day that terms are counted from or to.
-- When it matters: always; a missing day would make a lag or a pace NULL instead of failing.
-- What to do: add the year to seeds/calendar.csv from the government's decree.
with days as (
    select as_of as date_day from {{ ref('int_run') }}
    union
    select known_on as date_day from {{ ref('int_run') }}
    union
    select deadline as date_day from {{ ref('dim_indicator') }}
    union
    select event_on as date_day from {{ ref('dim_event') }}
    where is_public
)

select days.date_day
from days
left join {{ ref('int_calendar') }} as calendar on days.date_day = calendar.date_day
where calendar.date_day is null
