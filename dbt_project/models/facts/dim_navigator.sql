with run as (
    select * from {{ ref('int_run') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

listed as (
    select distinct email_key from {{ ref('stg_territory__navigator_list') }}
),

activity as (
    select * from {{ ref('int_navigator_activity') }}
),

navigators as (
    select
        *,
        row_number() over (
            partition by navigator_key
            order by has_error asc, source_row desc nulls last, row_id asc
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
        greatest(
            navigators.registered_on,
            coalesce(navigators.application_on, navigators.registered_on),
            coalesce(navigators.consent_on, navigators.registered_on)
        ) as completed_on,
        coalesce(activity.n_pupils_attached, 0) as n_pupils_attached,
        coalesce(activity.n_pupils_attached, 0) > run.load_limit as is_over_limit,
        coalesce(activity.n_public_events, 0) as n_public_events,
        listed.email_key is not null as is_l1_listed,
        coalesce(activity.is_trained, false) as is_l6_trained,
        navigators.status = 'active' as is_l2_active,
        navigators.status = 'active'
        and navigators.is_profile_completed
        and navigators.is_application_attached
        and navigators.is_consent_attached as is_l3_complete
    from navigators
    cross join run
    left join schools on navigators.school_id = schools.school_id
    left join listed on navigators.email_key = listed.email_key
    left join activity on navigators.navigator_key = activity.navigator_key
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
        completed_on,
        is_consent_attached,
        n_pupils_attached,
        is_over_limit,
        n_public_events,
        is_l1_listed,
        is_l2_active,
        coalesce(is_l3_complete, false) as is_l3_complete,
        n_pupils_attached > 0 as is_l4_attached,
        n_public_events > 0 as is_l5_published,
        is_l6_trained,
        coalesce(is_continuing, false) as is_continuing,
        coalesce(is_new, false) as is_new,
        coalesce(
            is_continuing
            and is_l2_active
            and case active_level
                when 'L2' then true
                when 'L3' then is_l3_complete
                when 'L4' then is_l3_complete and n_pupils_attached > 0
                when 'L5' then is_l3_complete and n_public_events > 0
                when 'L6' then is_l3_complete and is_l6_trained
            end,
            false
        ) as is_counted_i1,
        coalesce(is_l3_complete and not has_error, false)
        and (n_pupils_attached > 0 or n_public_events > 0) as is_confirmed_i1,
        coalesce(is_new and is_l2_active, false) as is_counted_i2,
        coalesce(is_l3_complete and not has_error, false) as is_confirmed_i2,
        {{ evidence_of([
            'school_id', 'cohort_year', 'status', 'is_profile_completed', 'is_application_attached',
            'is_consent_attached', 'n_pupils_attached', 'n_public_events', 'has_error'
        ]) }} as evidence,
        has_error,
        row_id
    from ladder
)

select * from final
