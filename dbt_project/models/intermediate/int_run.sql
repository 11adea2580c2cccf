with run as (
    select * from {{ ref('stg_control__run') }}
),

orders as (
    select * from {{ ref('orders') }}
),

parameters as (
    select * from {{ ref('parameters') }}
),

typed as (
    select
        order_id,
    {% for name, type in run_parameters().items() %}
        {{ parameter(name, type) }}{{ "," if not loop.last }}
    {% endfor %}
    from parameters
    group by order_id
),

joined as (
    select
        run.order_id as order_id,
        run.as_of as as_of,
        run.load_id as load_id,
        cast(run.known_at as date) as known_on,
        orders.year as order_year,
    {% for name in run_parameters() %}
        typed.{{ name }} as {{ name }}{{ "," if not loop.last }}
    {% endfor %}
    from run
    left join orders on run.order_id = orders.order_id
    left join typed on run.order_id = typed.order_id
)

select * from joined
