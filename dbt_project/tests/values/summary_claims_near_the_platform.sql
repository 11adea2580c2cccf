-- What: what a territory claims in its monthly summary equals what the platform counts.
-- When it matters: before the report; the platform is the fact, the claim is shown beside it (Q-18).
-- What to do: ask the territory which of the two is behind; nothing is corrected here.
{# The tag says the layer: it compares a fact that no mart is built from with a mart. #}
{{ config(severity='warn', tags=['marts']) }}

select
    claims.territory_id,
    claims.indicator_id,
    claims.value_cumulative,
    progress.fact
from {{ ref('fct_summary_claim') }} as claims
inner join {{ ref('mart_indicator_progress') }} as progress
    on
        claims.territory_id = progress.territory_id
        and claims.indicator_id = progress.indicator_id
where claims.value_cumulative <> progress.fact
