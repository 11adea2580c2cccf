with navigators as (
    select * from {{ ref('dim_navigator') }}
),

pupils as (
    select * from {{ ref('dim_pupil') }}
),

participations as (
    select * from {{ ref('fct_participation') }}
),

attempts as (
    select * from {{ ref('fct_diagnostic_attempt') }}
),

-- One branch a registered formula; which of them an order uses, its seed of indicators says.
final as (
    select
        'navigators_continuing' as formula_id,
        navigator_key as person_key,
        territory_id,
        is_confirmed_i1 as is_confirmed,
        completed_on as counted_on,
        completed_on as known_on,
        row_id
    from navigators
    where is_counted_i1
    union all
    select
        'navigators_new' as formula_id,
        navigator_key as person_key,
        territory_id,
        is_confirmed_i2 as is_confirmed,
        registered_on as counted_on,
        registered_on as known_on,
        row_id
    from navigators
    where is_counted_i2
    union all
    select
        'pupils_continuing' as formula_id,
        pupil_key as person_key,
        territory_id,
        is_confirmed,
        coalesce(status_on, registered_on) as counted_on,
        coalesce(status_on, registered_on) as known_on,
        row_id
    from pupils
    where is_counted_i3
    union all
    select
        'pupils_new' as formula_id,
        pupil_key as person_key,
        territory_id,
        is_confirmed,
        registered_on as counted_on,
        registered_on as known_on,
        row_id
    from pupils
    where is_counted_i4
    union all
    select
        'trial_participants' as formula_id,
        pupil_key as person_key,
        territory_id,
        is_confirmed_i5 as is_confirmed,
        event_on as counted_on,
        known_on,
        row_id
    from participations
    where is_counted_i5
    union all
    select
        'partner_participants' as formula_id,
        pupil_key as person_key,
        territory_id,
        is_confirmed_i6 as is_confirmed,
        event_on as counted_on,
        known_on,
        row_id
    from participations
    where is_counted_i6
    union all
    select
        'pupils_diagnosed' as formula_id,
        attempts.pupil_key as person_key,
        pupils.territory_id as territory_id,
        pupils.is_confirmed and not attempts.has_error as is_confirmed,
        cast(attempts.finished_at as date) as counted_on,
        cast(attempts.finished_at as date) as known_on,
        attempts.row_id as row_id
    from attempts
    inner join pupils on attempts.pupil_key = pupils.pupil_key
    where attempts.is_finished and pupils.is_active
)

select * from final
