-- What: the region's sums are the sums of its rows, and it never has more persons than that.
-- When it matters: always; the difference of the two is shown as movers between territories.
-- What to do: look for a person that counts in the region but in no territory.
with sums as (
    select
        indicator_id,
        sum(target) as target,
        sum(fact) as fact,
        sum(n_expected) as n_expected,
        sum(n_reported) as n_reported
    from {{ ref('mart_indicator_progress') }}
    where territory_id <> 0
    group by indicator_id
)

select region.indicator_id
from {{ ref('mart_indicator_progress') }} as region
inner join sums on region.indicator_id = sums.indicator_id
where
    region.territory_id = 0
    and (
        region.target <> sums.target
        or coalesce(region.fact_sum_of_territories, 0) <> coalesce(sums.fact, 0)
        or coalesce(region.fact, 0) > coalesce(sums.fact, 0)
        or region.n_expected <> sums.n_expected
        or region.n_reported <> sums.n_reported
    )
