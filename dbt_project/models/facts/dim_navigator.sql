with run as (
    select * from {{ ref('int_run') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

listed as (
    select distinct email_key from {{ ref('stg_territory__navigator_list') }}
),

attached as (
    select
        navigator_key,
        cast(count(*) as integer) as n_pupils_attached
    from {{ ref('dim_pupil') }}
    where is_active and navigator_key is not null
    group by navigator_key
),

events as (
    select
        navigator_key,
        cast(count(*) as integer) as n_public_events
    from {{ ref('dim_event') }}
    where is_public
    group by navigator_key
),

navigators as (
    select
        *,
        row_number() over (
            partition by navigator_key
            order by has_error asc, source_row desc, row_id asc
        ) as newest
    from {{ ref('stg_platform__navigators') }}
),

ladder as (
    select
        navigators.*,
        {{ run_columns('run') }},
        schools.territory_id as territory_id,
        run.nav_active_level as active_level,
        navigators.cohort_year between run.cohort_first_year and run.cohort_last_year
            as is_continuing,
        navigators.cohort_year = run.order_year as is_new,
        coalesce(attached.n_pupils_attached, 0) as n_pupils_attached,
        coalesce(attached.n_pupils_attached, 0) > run.load_limit as is_over_limit,
        coalesce(events.n_public_events, 0) as n_public_events,
        listed.email_key is not null as is_l1_listed,
        navigators.status = 'active' as is_l2_active,
        navigators.status = 'active'
        and navigators.is_profile_completed
        and navigators.is_application_attached
        and navigators.is_consent_attached as is_l3_complete
    from navigators
    cross join run
    left join schools on navigators.school_id = schools.school_id
    left join listed on navigators.email_key = listed.email_key
    left join attached on navigators.navigator_key = attached.navigator_key
    left join events on navigators.navigator_key = events.navigator_key
    where navigators.newest = 1
),

final as (
    select
        order_id,
        as_of,
        load_id,
        navigator_key,
        school_id,
        cast(territory_id as integer) as territory_id,
        registered_on,
        cast(cohort_year as integer) as cohort_year,
        status,
        is_consent_attached,
        n_pupils_attached,
        is_over_limit,
        n_public_events,
        is_l1_listed,
        is_l2_active,
        coalesce(is_l3_complete, false) as is_l3_complete,
        n_pupils_attached > 0 as is_l4_attached,
        n_public_events > 0 as is_l5_published,
        coalesce(
            is_continuing
            and is_l2_active
            and case active_level
                when 'L2' then true
                when 'L3' then is_l3_complete
                when 'L4' then is_l3_complete and n_pupils_attached > 0
                when 'L5' then is_l3_complete and n_public_events > 0
            end,
            false
        ) as is_counted_i1,
        coalesce(is_l3_complete and not has_error, false)
        and (n_pupils_attached > 0 or n_public_events > 0) as is_confirmed_i1,
        coalesce(is_new and is_l2_active, false) as is_counted_i2,
        coalesce(is_l3_complete and not has_error, false) as is_confirmed_i2,
        has_error,
        row_id
    from ladder
)

select * from final
