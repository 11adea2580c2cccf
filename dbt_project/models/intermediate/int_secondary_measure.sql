with indicators as (
    select
        indicators.measure as measure,
        indicators.region_mode as region_mode
    from {{ ref('secondary_indicators') }} as indicators
    inner join {{ ref('int_run') }} as run on indicators.order_id = run.order_id
),

measured as (
    {% for group in ['navigator', 'pupil', 'diagnostics', 'event', 'school', 'place', 'campaign', 'duty'] %}
        select
            measure,
            territory_id,
            dimension,
            numerator,
            denominator,
            measured
        from {{ ref('int_secondary_' ~ group) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

final as (
    select
        measured.measure as measure,
        measured.territory_id as territory_id,
        measured.dimension as dimension,
        measured.numerator as numerator,
        measured.denominator as denominator,
        measured.measured as measured
    from measured
    inner join indicators on measured.measure = indicators.measure
    where measured.territory_id <> 0 or indicators.region_mode = 'own'
    union all
    select
        measured.measure as measure,
        0 as territory_id,
        measured.dimension as dimension,
        cast(sum(measured.numerator) as bigint) as numerator,
        cast(sum(measured.denominator) as bigint) as denominator,
        cast(null as decimal(12, 1)) as measured
    from measured
    inner join indicators on measured.measure = indicators.measure
    where indicators.region_mode = 'sum'
    group by
        measured.measure,
        measured.dimension
)

select * from final
