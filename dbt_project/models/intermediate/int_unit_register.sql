with schools as (
    select * from {{ ref('dim_school') }}
),

posts as (
    select
        {{ month_text('posted_on') }} as month,
        min(posted_on) as posted_on,
        min(row_id) as row_id
    from {{ ref('stg_operator__info_posts') }}
    group by {{ month_text('posted_on') }}
),

letters as (
    select
        addressee,
        min(letter_on) as letter_on,
        min(row_id) as row_id
    from {{ ref('stg_operator__directions') }}
    where addressee is not null
    group by addressee
),

meetings as (
    select
        sender_territory_id,
        school_name,
        min(held_on) as held_on,
        min(row_id) as row_id
    from {{ ref('stg_territory__parents_meetings') }}
    group by
        sender_territory_id,
        school_name
),

final as (
    {{ duty_unit('coordinator_appointed', 'sender_territory_id', 'order_on', 'M01', 'row_id') }}
    from {{ ref('stg_territory__coordinators') }}
    union all
    {{ duty_unit(
        'agreements_signed', 'schools.territory_id',
        "case
                when agreements.status = 'signed'
                then agreements.agreement_on
            end",
        'K03', 'agreements.row_id', since_on='agreements.requested_on'
    ) }}
    from {{ ref('stg_operator__school_agreements') }} as agreements
    left join schools on agreements.inn = schools.inn
    union all
    {{ duty_unit('letters_sent', '0', 'letter_on', 'K04', 'row_id') }}
    from letters
    union all
    {{ duty_unit(
        'report_sent', '0',
        'sent_on',
        'K06', 'row_id', argument='report_kind', period='coalesce(report_month, period)'
    ) }}
    from {{ ref('fct_outgoing_report') }}
    union all
    {{ duty_unit(
        'webinars_published', '0',
        'case when url is not null then held_on end',
        'K01', 'row_id'
    ) }}
    from {{ ref('stg_operator__webinars') }}
    union all
    {{ duty_unit('posts_every_month', '0', 'posted_on', 'K02', 'row_id') }}
    from posts
    union all
    {{ duty_unit(
        'venue_visited', '0',
        'case when act_no is not null then visited_on end',
        'K07', 'row_id'
    ) }}
    from {{ ref('stg_operator__visits') }}
    union all
    {{ duty_unit(
        'project_certificate', 'sender_territory_id',
        'case when certificate_no is not null then certificate_on end',
        'M10', 'row_id'
    ) }}
    from {{ ref('stg_territory__loyalty_programme') }}
    union all
    {{ duty_unit(
        'media_published', 'media.sender_territory_id',
        'media.published_on',
        'M09', 'media.row_id', period=month_text('media.published_on')
    ) }}
    from {{ ref('stg_territory__media') }} as media
    union all
    {{ duty_unit('meetings_held', 'sender_territory_id', 'held_on', 'M08', 'row_id') }}
    from meetings
)

select * from final
