with run as (
    select * from {{ ref('int_run') }}
),

reported as (
    select * from {{ ref('int_forms_reported') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

plan as (
    select * from {{ ref('mart_attachment_plan') }}
),

placed as (
    select
        territory_id,
        reason,
        scope
    from plan
    union all
    select
        0 as territory_id,
        reason,
        scope
    from plan
),

counted as (
    select
        territory_id,
        {{ count_rows("reason = 'overflow'") }} as n_overflow,
        {{ count_rows("reason = 'orphan'") }} as n_orphans,
        {{ count_rows("scope = 'school'") }} as n_placed_school,
        {{ count_rows("scope = 'territory'") }} as n_placed_territory,
        {{ count_rows("scope = 'none'") }} as n_unplaced
    from placed
    group by territory_id
),

-- A region is short of what its territories are short of: nobody travels between them.
shortage as (
    select
        counted.territory_id as territory_id,
        {{ integer_divide('counted.n_unplaced + run.load_limit - 1', 'run.load_limit') }} as n_short
    from counted
    cross join run
    where counted.territory_id <> 0
),

shortages as (
    select
        territory_id,
        n_short
    from shortage
    union all
    select
        0 as territory_id,
        sum(n_short) as n_short
    from shortage
),

numbers as (
    select
        territories.territory_id as territory_id,
        territories.territory_name as territory_name,
        coalesce(counted.n_overflow, 0) as n_overflow,
        coalesce(counted.n_orphans, 0) as n_orphans,
        coalesce(counted.n_placed_school, 0) as n_placed_school,
        coalesce(counted.n_placed_territory, 0) as n_placed_territory,
        coalesce(counted.n_unplaced, 0) as n_unplaced,
        cast(coalesce(shortages.n_short, 0) as bigint) as n_navigators_short
    from territories
    left join counted on territories.territory_id = counted.territory_id
    left join shortages on territories.territory_id = shortages.territory_id
),

final as (
    select
        {{ run_columns('run') }},
        numbers.territory_id as territory_id,
        numbers.territory_name as territory_name,
        {% for name in [
            'n_overflow', 'n_orphans', 'n_placed_school', 'n_placed_territory', 'n_unplaced',
            'n_navigators_short'
        ] -%}
            case when reported.has_p02 and reported.has_p03 then numbers.{{ name }} end as {{ name }}
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from numbers
    cross join run
    cross join reported
)

select * from final
