with run as (
    select * from {{ ref('int_run') }}
),

-- What territories report for a month, in columns of one shape.
reported as (
    select
        'career_week' as campaign,
        sender_territory_id as territory_id,
        {{ month_text('delivery_as_of') }} as month,
        school_name,
        n_events,
        n_pupils as n_persons
    from {{ ref('stg_territory__career_week') }}
    union all
    select
        'turnstile_week' as campaign,
        sender_territory_id as territory_id,
        {{ month_text('delivery_as_of') }} as month,
        school_name,
        1 as n_events,
        n_pupils as n_persons
    from {{ ref('stg_territory__turnstile_week') }}
    union all
    select
        'meetings' as campaign,
        sender_territory_id as territory_id,
        {{ month_text('delivery_as_of') }} as month,
        school_name,
        1 as n_events,
        n_participants as n_persons
    from {{ ref('stg_territory__parents_meetings') }}
    union all
    select
        'media' as campaign,
        sender_territory_id as territory_id,
        {{ month_text('delivery_as_of') }} as month,
        cast(null as {{ dbt.type_string() }}) as school_name,
        1 as n_events,
        cast(null as bigint) as n_persons
    from {{ ref('stg_territory__media') }}
),

-- A school of two months is one school of the year.
placed as (
    select * from reported
    union all
    select
        campaign,
        territory_id,
        '' as month,
        school_name,
        n_events,
        n_persons
    from reported
),

projects as (
    select distinct lists.sender_territory_id as territory_id
    from {{ ref('stg_territory__loyalty_programme') }} as lists
    cross join run
    where
        lists.certificate_no is not null
        and lists.applied_on <= run.as_of
        and lists.certificate_on <= run.as_of
),

final as (
    {% for measure, campaign, counted in [
        ('career_week_schools', 'career_week', 'count(distinct school_name)'),
        ('career_week_events', 'career_week', total('n_events')),
        ('career_week_pupils', 'career_week', total('n_persons')),
        ('turnstile_week_schools', 'turnstile_week', 'count(distinct school_name)'),
        ('turnstile_week_pupils', 'turnstile_week', total('n_persons')),
        ('meetings_held', 'meetings', total('n_events')),
        ('meetings_schools', 'meetings', 'count(distinct school_name)'),
        ('meetings_participants', 'meetings', total('n_persons')),
        ('media_posts', 'media', total('n_events')),
    ] %}
        select
            {{ measure_row(measure, counted, dimension='month') }}
        from placed
        where campaign = '{{ campaign }}'
        group by
            territory_id,
            month
        union all
    {% endfor %}
    select
        {{ measure_row(
            'municipalities_with_project',
            'case when projects.territory_id is null then 0 else 1 end',
            '1',
            territory='territories.territory_id'
        ) }}
    from {{ ref('dim_territory') }} as territories
    left join projects on territories.territory_id = projects.territory_id
    where territories.territory_kind = 'municipality'
    union all
    select
        {{ measure_row(
            'agreements_free', count_rows('is_free'), 'count(*)', territory='sender_territory_id'
        ) }}
    from {{ ref('stg_territory__partner_agreements') }}
    group by sender_territory_id
)

select * from final
