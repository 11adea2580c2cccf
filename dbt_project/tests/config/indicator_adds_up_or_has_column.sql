-- What: an indicator has either a column of the order's table or components, never both.
-- When it matters: when indicators.csv is edited for another year.
-- What to do: leave one of the two cells empty.
select indicator_id
from {{ ref('indicators') }}
where (column_code is null) = (components is null)
