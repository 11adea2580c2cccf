with moves as (
    select * from {{ ref('int_indicator_move') }}
),

previous as (
    select * from {{ ref('int_previous_run') }}
),

indicators as (
    select
        indicator_id,
        case
            when formula_id like 'navigators%' then 'navigator'
            when formula_id like 'pupils%' then 'pupil'
            else 'participant'
        end as subject
    from {{ ref('dim_indicator') }}
),

-- A territory that gained a person whom another one lost: the person moved.
moved as (
    select
        indicator_id,
        person_key
    from moves
    where territory_id <> 0
    group by
        indicator_id,
        person_key
    having count(distinct direction) = 2
),

active as (
    select
        'navigator' as subject,
        navigator_key as person_key
    from {{ ref('dim_navigator') }}
    where is_l2_active
    union all
    select
        'pupil' as subject,
        pupil_key as person_key
    from {{ ref('dim_pupil') }}
    where is_active
    union all
    select
        'participant' as subject,
        pupil_key as person_key
    from {{ ref('dim_pupil') }}
    -- Whoever finished school or moved on keeps what he took part in.
    where status not in ('refused', 'deleted')
),

final as (
    select
        moves.indicator_id as indicator_id,
        moves.territory_id as territory_id,
        moves.person_key as person_key,
        moves.direction as direction,
        case
            when moved.person_key is not null and moves.territory_id <> 0
                then case when moves.direction = 1 then 'moved_in' else 'moved_out' end
            when moves.direction = -1 and moves.is_other_side_unknown then 'unknown'
            when
                previous.is_other_version
                and not moves.is_other_side_unknown
                and evidence_now.evidence = evidence_before.evidence
                then 'formula'
            when moves.direction = 1 and moves.counted_on > previous.previous_as_of then 'new'
            when moves.direction = 1 and moves.is_other_side_unknown then 'late'
            when moves.direction = 1 and moves.known_on > previous.previous_known_on then 'late'
            when moves.direction = 1 and moves.counted_on > seen.seen_on then 'late'
            when moves.direction = -1 and active.person_key is null then 'left'
            else 'correction'
        end as cause
    from moves
    cross join previous
    inner join indicators on moves.indicator_id = indicators.indicator_id
    left join {{ ref('int_previous_seen') }} as seen on indicators.subject = seen.subject
    left join moved
        on
            moves.indicator_id = moved.indicator_id
            and moves.person_key = moved.person_key
    left join {{ ref('int_evidence') }} as evidence_now
        on
            evidence_now.side = 'now'
            and indicators.subject = evidence_now.subject
            and moves.person_key = evidence_now.person_key
    left join {{ ref('int_evidence') }} as evidence_before
        on
            evidence_before.side = 'before'
            and indicators.subject = evidence_before.subject
            and moves.person_key = evidence_before.person_key
    left join active
        on
            indicators.subject = active.subject
            and moves.person_key = active.person_key
)

select * from final
