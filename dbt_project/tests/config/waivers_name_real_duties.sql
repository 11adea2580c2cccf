-- What: every waiver names a duty of its order that exists, its author and a reason.
-- When it matters: when a waiver is written; a misspelt one would excuse nobody, silently.
-- What to do: correct control_id, territory_id (0 is the region), author, reason, dates in seeds/waivers.csv.
select
    waivers.control_id,
    waivers.territory_id
from {{ ref('waivers') }} as waivers
inner join {{ ref('int_run') }} as run on waivers.order_id = run.order_id
left join {{ ref('mart_roadmap') }} as roadmap
    on
        waivers.control_id = roadmap.control_id
        and waivers.territory_id = roadmap.territory_id
where
    roadmap.control_id is null
    or coalesce(waivers.author, '') = ''
    or coalesce(waivers.reason_ru, '') = ''
    or coalesce(waivers.valid_until < waivers.waived_on, false)
