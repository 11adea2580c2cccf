with expected as (
    select
        form_code,
        form_title,
        sender_territory_id,
        sender_name,
        period,
        due_on,
        is_due,
        -- Of several months the newest one that is due; before the first, the next one.
        row_number() over (
            partition by form_code, sender_territory_id
            order by
                case when is_due then 0 else 1 end,
                case when is_due then due_on end desc nulls last,
                due_on,
                period asc
        ) as relevance
    from {{ ref('fct_expected_delivery') }}
),

titles as (
    select
        form_code,
        max(form_title) as form_title
    from expected
    group by form_code
),

territories as (
    select * from {{ ref('dim_territory') }}
),

senders as (
    select distinct
        form_code,
        sender_territory_id
    from {{ ref('fct_delivery') }}
    where form_code is not null and sender_territory_id is not null
),

-- A file that nobody waited for is shown too.
unexpected as (
    select
        senders.form_code as form_code,
        coalesce(titles.form_title, senders.form_code) as form_title,
        senders.sender_territory_id as sender_territory_id,
        territories.territory_name as sender_name,
        cast(null as {{ dbt.type_string() }}) as period,
        cast(null as date) as due_on,
        false as is_due,
        false as is_expected
    from senders
    left join titles on senders.form_code = titles.form_code
    left join territories on senders.sender_territory_id = territories.territory_id
    left join expected
        on
            senders.form_code = expected.form_code
            and senders.sender_territory_id = expected.sender_territory_id
    where expected.form_code is null
),

final as (
    select
        form_code,
        form_title,
        sender_territory_id,
        sender_name,
        period,
        due_on,
        is_due,
        true as is_expected
    from expected
    where relevance = 1
    union all
    select
        form_code,
        form_title,
        sender_territory_id,
        sender_name,
        period,
        due_on,
        is_due,
        is_expected
    from unexpected
)

select * from final
