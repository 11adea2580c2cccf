with run as (
    select * from {{ ref('int_run') }}
),

slots as (
    select
        slots.*,
        cast(slots.published_at as date) <= run.as_of as is_published,
        slots.slot_on > run.as_of and slots.slot_on <= run.fact_to as is_to_come
    from {{ ref('stg_platform__slots') }} as slots
    cross join run
    where coalesce(slots.status, '') <> 'cancelled'
),

-- A venue or partner without a municipality counts for the region only.
venues as (
    select
        coalesce(venues.territory_id, 0) as territory_id,
        venues.contract_on <= run.as_of as is_contracted,
        venues.cabinet_on <= run.as_of as is_registered,
        venues.first_programme_on <= run.as_of as has_programme,
        venues.first_approved_on <= run.as_of as has_approval,
        venues.first_slot_on <= run.as_of as has_schedule
    from {{ ref('dim_venue') }} as venues
    cross join run
),

scheduled as (
    select distinct partner_id
    from slots
    where slot_kind = 'partner_event' and is_published
),

partners as (
    select
        coalesce(partners.municipality_territory_id, 0) as territory_id,
        partners.agreement_on <= run.as_of as is_agreed,
        partners.cabinet_on <= run.as_of as is_registered,
        scheduled.partner_id is not null as has_schedule
    from {{ ref('stg_platform__partners') }} as partners
    cross join run
    left join scheduled on partners.partner_id = scheduled.partner_id
    where coalesce(partners.status, '') <> 'closed'
),

trials as (
    select
        sum(figures.target) as target,
        sum(greatest(figures.target_required - figures.fact, 0)) as gap
    from {{ ref('int_indicator_value') }} as figures
    inner join {{ ref('dim_indicator') }} as indicators
        on figures.indicator_id = indicators.indicator_id
    where figures.territory_id = 0 and indicators.formula_id = 'trial_participants'
),

seats as (
    select
        {{ total('case when is_published then n_seats end') }} as n_offered,
        {{ total('case when is_to_come then greatest(n_seats - coalesce(n_enrolled, 0), 0) end') }}
            as n_to_come
    from slots
    where slot_kind = 'trial'
),

final as (
    {% for measure, done in [
        ('venues_listed', 'true'),
        ('venues_contracted', 'is_contracted'),
        ('venues_registered', 'is_registered'),
        ('venues_with_programme', 'has_programme'),
        ('venues_with_approval', 'has_approval'),
        ('venues_with_schedule', 'has_schedule'),
    ] %}
        {{ measure_share(measure, 'venues', 'true', done) }}
        union all
    {% endfor %}
    {% for measure, done in [
        ('partners_listed', 'true'),
        ('partners_agreed', 'is_agreed'),
        ('partners_registered', 'is_registered'),
        ('partners_with_schedule', 'has_schedule'),
    ] %}
        {{ measure_share(measure, 'partners', 'true', done) }}
        union all
    {% endfor %}
    select
        {{ measure_row('trial_seats_offered', 'seats.n_offered', 'trials.target', territory='0') }}
    from seats
    cross join trials
    union all
    select
        {{ measure_row('trial_seats_to_come', 'seats.n_to_come', 'trials.gap', territory='0') }}
    from seats
    cross join trials
)

select * from final
