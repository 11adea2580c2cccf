with run as (
    select * from {{ ref('int_run') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

events as (
    select * from {{ ref('dim_event') }}
    where is_counted_i6 and territory_id is not null
),

partners as (
    select * from {{ ref('dim_partner') }}
),

visits as (
    select
        event_id,
        pupil_key
    from {{ ref('fct_participation') }}
    where is_counted_i6
),

-- Every event stands in its territory and in the region.
placed as (
    select
        event_id,
        partner_id,
        territory_id
    from events
    union all
    select
        event_id,
        partner_id,
        0 as territory_id
    from events
),

counted as (
    select
        placed.territory_id as territory_id,
        cast(count(distinct placed.partner_id) as bigint) as n_partners,
        {{ count_persons('placed.partner_id', 'partners.agreement_on is not null') }}
            as n_with_agreement,
        {{ count_persons('placed.partner_id', 'partners.cabinet_on is not null') }}
            as n_with_cabinet,
        cast(count(distinct placed.event_id) as bigint) as n_events,
        cast(count(visits.pupil_key) as bigint) as n_visits,
        cast(count(distinct visits.pupil_key) as bigint) as n_pupils
    from placed
    left join partners on placed.partner_id = partners.partner_id
    left join visits on placed.event_id = visits.event_id
    group by placed.territory_id
),

final as (
    select
        {{ run_columns('run') }},
        territories.territory_id as territory_id,
        territories.territory_name as territory_name,
        coalesce(counted.n_partners, 0) as n_partners,
        coalesce(counted.n_with_agreement, 0) as n_with_agreement,
        coalesce(counted.n_with_cabinet, 0) as n_with_cabinet,
        coalesce(counted.n_events, 0) as n_events,
        coalesce(counted.n_visits, 0) as n_visits,
        coalesce(counted.n_pupils, 0) as n_pupils
    from territories
    cross join run
    left join counted on territories.territory_id = counted.territory_id
)

select * from final
