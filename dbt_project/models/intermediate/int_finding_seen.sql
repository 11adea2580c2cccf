-- Findings that somebody has to look at; what is about our own seeds has no file and no sender.
with found as (
    select
        findings.delivery_id as delivery_id,
        findings.form_code as form_code,
        findings.sender_territory_id as sender_territory_id,
        findings.territory_id as territory_id,
        findings.rule_id as rule_id,
        findings.severity as severity,
        findings.stage as stage,
        findings.column_name as column_name,
        findings.period as period,
        findings.finding_key as finding_key,
        versions.is_current as is_current,
        findings.answered as answered,
        findings.answered_on as answered_on,
        findings.answered_until as answered_until,
        findings.answered_by as answered_by,
        findings.answered_why as answered_why
    from {{ ref('stg_control__findings') }} as findings
    inner join {{ ref('stg_control__versions') }} as versions
        on findings.delivery_id = versions.delivery_id
    union all
    select
        delivery_id,
        form_code,
        sender_territory_id,
        territory_id,
        rule_id,
        severity,
        stage,
        column_name,
        period,
        finding_key,
        false as is_current,
        null as answered,
        null as answered_on,
        null as answered_until,
        null as answered_by,
        null as answered_why
    from {{ ref('stg_control__findings_before') }}
),

ranked as (
    select
        found.*,
        cast(deliveries.received_at as date) as received_on,
        min(cast(deliveries.received_at as date)) over (partition by found.finding_key) as first_received_on,
        row_number() over (
            partition by found.finding_key
            order by deliveries.received_at asc, found.delivery_id asc
        ) as oldest,
        row_number() over (
            partition by found.finding_key
            order by
                case when found.is_current then 0 else 1 end asc,
                deliveries.received_at desc nulls last,
                found.delivery_id desc nulls last
        ) as newest
    from found
    inner join {{ ref('stg_control__deliveries') }} as deliveries
        on found.delivery_id = deliveries.delivery_id
    where found.severity <> 'info'
),

final as (
    select
        newest.finding_key as finding_key,
        newest.rule_id as rule_id,
        newest.form_code as form_code,
        coalesce(newest.sender_territory_id, 0) as sender_territory_id,
        coalesce(newest.territory_id, 0) as territory_id,
        newest.period as period,
        newest.stage as stage,
        newest.severity as severity,
        newest.column_name as column_name,
        newest.is_current as is_current,
        newest.delivery_id as delivery_id,
        oldest.delivery_id as first_delivery_id,
        newest.first_received_on as first_received_on,
        newest.answered as answered,
        newest.answered_on as answered_on,
        newest.answered_until as answered_until,
        newest.answered_by as answered_by,
        newest.answered_why as answered_why
    from ranked as newest
    inner join ranked as oldest
        on
            newest.finding_key = oldest.finding_key
            and oldest.oldest = 1
    where newest.newest = 1
)

select * from final
