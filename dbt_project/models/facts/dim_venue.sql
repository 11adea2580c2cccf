with run as (
    select * from {{ ref('int_run') }}
),

venues as (
    select * from {{ ref('stg_platform__venues') }}
),

contracts as (
    select
        inn,
        min(venue_name) as venue_name,
        min(contract_on) as contract_on,
        min(row_id) as row_id
    from {{ ref('stg_operator__venue_contracts') }}
    group by inn
),

programmes as (
    select
        venue_id,
        min(coalesce(submitted_on, approved_on)) as first_programme_on,
        min(case when status = 'approved' then approved_on end) as first_approved_on,
        cast(count(*) as integer) as n_programmes
    from {{ ref('stg_platform__programmes') }}
    where status not in ('archived', 'declined')
    group by venue_id
),

slots as (
    select
        venue_id,
        min(cast(published_at as date)) as first_slot_on,
        cast(sum(n_seats) as bigint) as n_seats
    from {{ ref('stg_platform__slots') }}
    where slot_kind = 'trial' and coalesce(status, '') <> 'cancelled'
    group by venue_id
),

-- A venue with a contract that is not on the platform yet is a venue all the same.
listed as (
    select
        venues.venue_id as venue_id,
        venues.venue_name as venue_name,
        venues.inn as inn,
        venues.venue_type as venue_type,
        venues.municipality_territory_id as territory_id,
        venues.cabinet_on as cabinet_on,
        venues.status as status,
        contracts.contract_on as contract_on,
        contracts.row_id as contract_row_id,
        venues.row_id as row_id
    from venues
    left join contracts on venues.inn = contracts.inn
    union all
    select
        cast(null as {{ dbt.type_string() }}) as venue_id,
        contracts.venue_name as venue_name,
        contracts.inn as inn,
        cast(null as {{ dbt.type_string() }}) as venue_type,
        cast(null as integer) as territory_id,
        cast(null as date) as cabinet_on,
        cast(null as {{ dbt.type_string() }}) as status,
        contracts.contract_on as contract_on,
        contracts.row_id as contract_row_id,
        contracts.row_id as row_id
    from contracts
    left join venues on contracts.inn = venues.inn
    where venues.inn is null
),

final as (
    select
        {{ run_columns('run') }},
        listed.venue_id as venue_id,
        listed.venue_name as venue_name,
        listed.inn as inn,
        listed.venue_type as venue_type,
        cast(listed.territory_id as integer) as territory_id,
        listed.status as status,
        listed.contract_on as contract_on,
        listed.contract_row_id as contract_row_id,
        listed.cabinet_on as cabinet_on,
        programmes.first_programme_on as first_programme_on,
        programmes.first_approved_on as first_approved_on,
        coalesce(programmes.n_programmes, 0) as n_programmes,
        slots.first_slot_on as first_slot_on,
        coalesce(slots.n_seats, 0) as n_seats,
        listed.row_id as row_id
    from listed
    cross join run
    left join programmes on listed.venue_id = programmes.venue_id
    left join slots on listed.venue_id = slots.venue_id
)

select * from final
