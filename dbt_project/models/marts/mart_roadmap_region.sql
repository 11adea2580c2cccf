with run as (
    select * from {{ ref('int_run') }}
),

points as (
    select distinct
        item,
        item_no,
        item_title,
        term_as_printed,
        expected_result,
        owner
    from {{ ref('dim_control_point') }}
),

duties as (
    select
        *,
        status in ('overdue', 'no_data') and is_waived as is_excused
    from {{ ref('mart_roadmap') }}
),

counted as (
    select
        item,
        {{ count_rows("status <> 'not_applicable'") }} as n_expected,
        {{ count_rows("status = 'done'") }} as n_done,
        {{ count_rows("status = 'done_late'") }} as n_done_late,
        {{ count_rows("status = 'overdue' and not is_excused") }} as n_overdue,
        {{ count_rows("status = 'no_data' and not is_excused") }} as n_no_data,
        {{ count_rows("status = 'due_soon'") }} as n_due_soon,
        {{ count_rows("status = 'not_due'") }} as n_not_due,
        {{ count_rows('is_excused') }} as n_waived,
        min(case when status in ('due_soon', 'not_due') then due_on end) as next_due_on,
        max(done_on) as last_done_on,
        min(rule_text) as rule_text
    from duties
    group by item
),

final as (
    select
        {{ run_columns('run') }},
        points.item as item,
        points.item_no as item_no,
        points.item_title as item_title,
        points.term_as_printed as term_as_printed,
        points.expected_result as expected_result,
        points.owner as owner,
        counted.next_due_on as next_due_on,
        -- The worst of what is owed decides; what is still open outweighs what is done.
        case
            -- A waiver is no fulfilment: an item with nothing but waived duties is not done.
            when counted.n_expected = counted.n_waived then 'not_applicable'
            when counted.n_overdue > 0 then 'overdue'
            when counted.n_no_data > 0 then 'no_data'
            when counted.n_due_soon > 0 then 'due_soon'
            when counted.n_not_due > 0 then 'not_due'
            when counted.n_done_late > 0 then 'done_late'
            else 'done'
        end as status,
        counted.n_expected as n_expected,
        counted.n_done as n_done,
        counted.n_done_late as n_done_late,
        counted.n_overdue as n_overdue,
        counted.n_due_soon + counted.n_not_due as n_open,
        counted.n_no_data as n_no_data,
        counted.n_waived as n_waived,
        counted.last_done_on as last_done_on,
        counted.rule_text as rule_text
    from points
    cross join run
    inner join counted on points.item = counted.item
)

select * from final
