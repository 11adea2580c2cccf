with run as (
    select * from {{ ref('int_run') }}
),

facts as (
    select * from {{ ref('fct_control_point') }}
),

points as (
    select * from {{ ref('dim_control_point') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

deliveries as (
    select * from {{ ref('fct_delivery') }}
),

waivers as (
    select
        waivers.control_id as control_id,
        waivers.territory_id as territory_id,
        waivers.waived_on as waived_on,
        waivers.author as author,
        waivers.reason_ru as reason_ru,
        row_number() over (
            partition by waivers.control_id, waivers.territory_id
            order by waivers.waived_on desc nulls last, waivers.author asc
        ) as newest
    from {{ ref('waivers') }} as waivers
    inner join run on waivers.order_id = run.order_id
    where
        waivers.waived_on <= run.as_of
        and coalesce(waivers.valid_until >= run.as_of, true)
),

final as (
    select
        {{ run_columns('run') }},
        facts.control_id as control_id,
        points.item as item,
        points.item_no as item_no,
        points.item_title as item_title,
        facts.territory_id as territory_id,
        territories.territory_name as territory_name,
        facts.due_on as due_on,
        facts.grace_on as grace_on,
        facts.status as status,
        facts.done_on as done_on,
        facts.days_slack as days_slack,
        facts.measured as measured,
        facts.required as required,
        facts.unit as unit,
        case
            when facts.status = 'no_data'
                then {{ dbt.concat([
                    "coalesce(criteria.no_data_ru, 'нет данных')", "' ('", "facts.missing_form", "')'"
                ]) }}
            when facts.status = 'not_applicable' then 'обязанность не возникла'
            else
                {{ dbt.concat([
                    "case when facts.done_on is not null and facts.measured < facts.required"
                    ~ " then 'было выполнено, теперь ' else '' end",
                    "cast(facts.measured as " ~ dbt.type_string() ~ ")",
                    "case when facts.measured > facts.required then ' при норме ' else ' из ' end",
                    "cast(facts.required as " ~ dbt.type_string() ~ ")", "', '", "facts.unit"
                ]) }}
        end as evidence_text,
        -- The form of the row itself: one criterion may be proved by several.
        coalesce(deliveries.form_code, facts.evidence_form) as evidence_form,
        facts.evidence_delivery_id as evidence_delivery_id,
        facts.evidence_row_id as evidence_row_id,
        points.owner as owner,
        facts.rule_text as rule_text,
        waivers.control_id is not null as is_waived,
        waivers.author as waiver_author,
        waivers.reason_ru as waiver_reason,
        waivers.waived_on as waiver_on
    from facts
    cross join run
    inner join points on facts.control_id = points.control_id
    inner join territories on facts.territory_id = territories.territory_id
    left join {{ ref('criteria') }} as criteria on facts.criterion = criteria.criterion
    left join deliveries on facts.evidence_delivery_id = deliveries.delivery_id
    left join waivers
        on
            facts.control_id = waivers.control_id
            and facts.territory_id = waivers.territory_id
            and waivers.newest = 1
)

select * from final
