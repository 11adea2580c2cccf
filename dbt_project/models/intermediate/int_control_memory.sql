with run as (
    select * from {{ ref('int_run') }}
),

before as (
    select * from {{ ref('stg_history__control_points') }}
),

-- What has no day of its own was seen as done at some date. Up to the due day the state of the day
-- counts; after it the first day on which it was seen as done stays, with its proof.
seen as (
    select
        progress.*,
        before.done_on as seen_on,
        before.evidence_form as seen_form,
        before.evidence_delivery_id as seen_delivery_id,
        before.evidence_row_id as seen_row_id,
        progress.is_observed
        and before.done_on is not null
        and run.as_of > progress.grace_on
        and coalesce(before.done_on < progress.done_on, true) as is_remembered
    from {{ ref('int_control_progress') }} as progress
    cross join run
    left join before
        on
            progress.control_id = before.control_id
            and progress.territory_id = before.territory_id
),

final as (
    select
        control_id,
        criterion,
        argument,
        territory_id,
        required_mode,
        unit,
        rule_text,
        due_on,
        grace_on,
        grace_number,
        is_form_missing,
        missing_form,
        measured,
        required,
        case when is_remembered then seen_on else done_on end as fulfilled_on,
        case when is_remembered then seen_form else evidence_form end as evidence_form,
        case when is_remembered then seen_delivery_id else evidence_delivery_id end as evidence_delivery_id,
        case when is_remembered then seen_row_id else evidence_row_id end as evidence_row_id,
        -- The criterion that speaks for the point: the last one open today, or the last one done.
        row_number() over (
            partition by control_id, territory_id
            order by
                case when required = 0 then 1 else 0 end asc,
                case when done_on is null then 0 else 1 end asc,
                done_on desc nulls last,
                criterion asc,
                argument asc
        ) as weakest
    from seen
)

select * from final
