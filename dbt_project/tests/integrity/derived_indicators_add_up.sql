-- What: an indicator with components equals their sum in each territory: target and fact.
-- When it matters: always; I-7 and I-8 stand beside their parts in the report.
-- What to do: check the components in indicators.csv and int_indicator_fact.
with sums as (
    select
        whole.indicator_id as indicator_id,
        parts.territory_id as territory_id,
        sum(parts.target) as target,
        sum(parts.fact) as fact
    from {{ ref('dim_indicator') }} as whole
    inner join {{ ref('mart_indicator_progress') }} as parts
        on {{ has_component('whole.components', 'parts.indicator_id') }}
    group by
        whole.indicator_id,
        parts.territory_id
)

select
    progress.territory_id,
    progress.indicator_id
from {{ ref('mart_indicator_progress') }} as progress
inner join sums
    on
        progress.territory_id = sums.territory_id
        and progress.indicator_id = sums.indicator_id
where
    progress.target <> sums.target
    or (progress.fact is not null and progress.fact <> sums.fact)
