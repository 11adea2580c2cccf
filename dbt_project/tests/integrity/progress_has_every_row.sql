-- What: the indicator mart has each territory, and the region, with each indicator: 67 x 8 rows.
-- When it matters: always; a territory that is absent would look as if it had nothing to do.
-- What to do: look for an inner join that lost a territory or an indicator.
with expected as (
    select
        territories.territory_id as territory_id,
        indicators.indicator_id as indicator_id
    from {{ ref('dim_territory') }} as territories
    cross join {{ ref('dim_indicator') }} as indicators
)

select
    expected.territory_id,
    expected.indicator_id
from expected
left join {{ ref('mart_indicator_progress') }} as progress
    on
        expected.territory_id = progress.territory_id
        and expected.indicator_id = progress.indicator_id
where progress.territory_id is null
