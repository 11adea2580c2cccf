with run as (
    select * from {{ ref('int_run') }}
),

points as (
    select * from {{ ref('control_points') }}
),

items as (
    select * from {{ ref('roadmap_items') }}
),

final as (
    select
        {{ run_columns('run') }},
        points.control_id as control_id,
        points.item as item,
        cast(items.id as integer) as item_no,
        coalesce(items.title_ru, own.title_ru) as item_title,
        items.term_as_printed as term_as_printed,
        items.expected_result_ru as expected_result,
        points.kind as kind,
        points.due_date as due_on,
        points.next_working_day as grace_on,
        points.period_start as period_start,
        points.period_end as period_end,
        points.applies_to as applies_to,
        points.owner_codes as owner_codes,
        coalesce(items.responsible_ru, own.owner_ru) as owner,
        points.sources as source_forms,
        points.inference_note as inference_note
    from points
    inner join run on points.order_id = run.order_id
    left join {{ ref('order_duties') }} as own
        on
            points.order_id = own.order_id
            and points.item = own.item
    left join items
        on
            points.order_id = items.order_id
            and points.item = cast(items.id as {{ dbt.type_string() }})
)

select * from final
