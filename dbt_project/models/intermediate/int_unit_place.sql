with run as (
    select * from {{ ref('int_run') }}
),

venues as (
    select * from {{ ref('dim_venue') }}
    where coalesce(status, '') <> 'closed'
),

events as (
    select * from {{ ref('dim_event') }}
    where is_public and territory_id is not null
),

programmes as (
    select * from {{ ref('stg_platform__programmes') }}
    where status not in ('archived', 'declined')
),

partners as (
    select * from {{ ref('stg_platform__partners') }}
    where coalesce(status, 'active') = 'active'
),

slots as (
    select
        slot_id,
        min(published_at) as published_at
    from {{ ref('stg_platform__slots') }}
    where coalesce(status, '') <> 'cancelled'
    group by slot_id
),

final as (
    {{ duty_unit('venues_contracted', '0', 'contract_on', 'K05', 'coalesce(contract_row_id, row_id)') }}
    from venues
    union all
    {{ duty_unit('venues_registered', '0', 'cabinet_on', 'P07', 'row_id') }}
    from venues
    where contract_on is not null
    union all
    {{ duty_unit('venues_with_programme', '0', 'first_programme_on', 'P07', 'row_id') }}
    from venues
    where venue_id is not null
    union all
    {{ duty_unit('venues_with_schedule', '0', 'first_slot_on', 'P07', 'row_id') }}
    from venues
    where venue_id is not null
    union all
    {{ duty_unit(
        'programmes_approved', '0',
        "case
                when programmes.status = 'approved'
                    and extract(year from programmes.approved_on) = run.order_year
                then programmes.approved_on
            end",
        'P08', 'programmes.row_id'
    ) }}
    from programmes
    cross join run
    union all
    {{ duty_unit(
        'partners_agreed', '0',
        'case
                when agreement_on is not null and cabinet_on is not null
                then greatest(agreement_on, cabinet_on)
            end',
        'P10', 'row_id'
    ) }}
    from partners
    union all
    {{ duty_unit(
        'events_published_in_time', 'territory_id',
        'case when is_published_in_time then published_at end',
        'P04', 'row_id'
    ) }}
    from events
    where is_published_in_time or is_published_late
    union all
    {{ duty_unit(
        'partner_events_scheduled', 'events.territory_id',
        'case when coalesce(events.is_free, true) then slots.published_at end',
        'P04', 'events.row_id'
    ) }}
    from events
    cross join run
    left join slots on events.slot_id = slots.slot_id
    where events.place_type = 'partner_venue' and events.event_on <= run.fact_to
)

select * from final
