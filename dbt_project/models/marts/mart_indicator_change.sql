with run as (
    select * from {{ ref('int_run') }}
),

previous as (
    select * from {{ ref('int_previous_run') }}
),

progress as (
    select * from {{ ref('mart_indicator_progress') }}
),

before as (
    select * from {{ ref('int_previous_progress') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

by_cause as (
    select
        indicator_id,
        territory_id,
        sum(case when cause = 'new' then direction else 0 end) as new_facts,
        sum(case when cause = 'late' then direction else 0 end) as late_facts,
        sum(case when cause = 'correction' then direction else 0 end) as corrections,
        sum(case when cause = 'moved_in' then direction else 0 end) as moved_in,
        sum(case when cause = 'moved_out' then direction else 0 end) as moved_out,
        sum(case when cause = 'left' then direction else 0 end) as left_project,
        sum(case when cause = 'formula' then direction else 0 end) as formula_changes,
        sum(case when cause = 'unknown' then direction else 0 end) as unknown_facts
    from {{ ref('int_indicator_cause') }}
    group by
        indicator_id,
        territory_id
),

-- Sums of indicators take the parts of their components.
summed as (
    select
        indicators.indicator_id as indicator_id,
        by_cause.territory_id as territory_id,
        sum(by_cause.new_facts) as new_facts,
        sum(by_cause.late_facts) as late_facts,
        sum(by_cause.corrections) as corrections,
        sum(by_cause.moved_in) as moved_in,
        sum(by_cause.moved_out) as moved_out,
        sum(by_cause.left_project) as left_project,
        sum(by_cause.formula_changes) as formula_changes,
        sum(by_cause.unknown_facts) as unknown_facts
    from indicators
    inner join by_cause
        on {{ has_component('indicators.components', 'by_cause.indicator_id') }}
    group by
        indicators.indicator_id,
        by_cause.territory_id
),

final as (
    select
        {{ run_columns('run') }},
        progress.territory_id as territory_id,
        progress.indicator_id as indicator_id,
        previous.previous_as_of as previous_as_of,
        previous.previous_load_id as previous_load_id,
        before.fact as fact_before,
        progress.fact as fact_after,
        coalesce(progress.fact, 0) - coalesce(before.fact, 0) as difference,
        cast(coalesce(summed.new_facts, 0) as bigint) as new_facts,
        cast(coalesce(summed.late_facts, 0) as bigint) as late_facts,
        cast(coalesce(summed.corrections, 0) as bigint) as corrections,
        cast(coalesce(summed.moved_in, 0) as bigint) as moved_in,
        cast(coalesce(summed.moved_out, 0) as bigint) as moved_out,
        cast(coalesce(summed.left_project, 0) as bigint) as left_project,
        cast(coalesce(summed.formula_changes, 0) as bigint) as formula_changes,
        cast(coalesce(summed.unknown_facts, 0) as bigint) as unknown_facts,
        before.target as target_before,
        progress.target as target_after,
        coalesce(progress.target, 0) - coalesce(before.target, 0) as plan_change
    from progress
    cross join run
    -- The first publication has nothing to be compared with: no rows.
    cross join previous
    left join before
        on
            progress.territory_id = before.territory_id
            and progress.indicator_id = before.indicator_id
    left join summed
        on
            progress.territory_id = summed.territory_id
            and progress.indicator_id = summed.indicator_id
)

select * from final
