with run as (
    select * from {{ ref('int_run') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

partners as (
    select * from {{ ref('dim_partner') }}
),

events as (
    select * from {{ ref('dim_event') }}
    where is_counted_i6 and territory_id is not null
),

attended as (
    select
        event_id,
        pupil_key
    from {{ ref('fct_participation') }}
    where is_counted_i6
),

counted as (
    select
        events.partner_id as partner_id,
        events.territory_id as territory_id,
        cast(count(distinct events.event_id) as bigint) as n_events,
        cast(count(attended.pupil_key) as bigint) as n_visits,
        cast(count(distinct attended.pupil_key) as bigint) as n_pupils
    from events
    left join attended on events.event_id = attended.event_id
    group by
        events.partner_id,
        events.territory_id
),

final as (
    select
        {{ run_columns('run') }},
        counted.partner_id as partner_id,
        coalesce(partners.partner_name, counted.partner_id) as partner_name,
        partners.inn as inn,
        counted.territory_id as territory_id,
        territories.territory_name as territory_name,
        partners.agreement_no as agreement_no,
        partners.agreement_on as agreement_on,
        partners.cabinet_on as cabinet_on,
        counted.n_events as n_events,
        counted.n_visits as n_visits,
        counted.n_pupils as n_pupils
    from counted
    cross join run
    inner join territories on counted.territory_id = territories.territory_id
    left join partners on counted.partner_id = partners.partner_id
)

select * from final
