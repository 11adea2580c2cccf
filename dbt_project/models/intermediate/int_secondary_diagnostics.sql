with run as (
    select * from {{ ref('int_run') }}
),

pupils as (
    select
        territory_id,
        count(*) as n_pupils
    from {{ ref('dim_pupil') }}
    where is_active and territory_id is not null
    group by territory_id
),

firsts as (
    select
        attempts.pupil_key as pupil_key,
        attempts.territory_id as territory_id,
        attempts.methodology_code as methodology_code,
        -- Finished without a day: finished by the date of the export at the latest.
        min(coalesce(cast(attempts.finished_at as date), run.as_of)) as finished_on
    from {{ ref('fct_diagnostic_attempt') }} as attempts
    cross join run
    where attempts.is_finished and attempts.is_active_pupil and attempts.territory_id is not null
    group by
        attempts.pupil_key,
        attempts.territory_id,
        attempts.methodology_code
),

-- An empty code stands for any methodology: a pupil counts once.
coded as (
    select
        territory_id,
        methodology_code,
        finished_on
    from firsts
    union all
    select
        territory_id,
        '' as methodology_code,
        min(finished_on) as finished_on
    from firsts
    group by
        pupil_key,
        territory_id
),

by_day as (
    select
        territory_id,
        methodology_code,
        finished_on,
        count(*) as n_finished
    from coded
    group by
        territory_id,
        methodology_code,
        finished_on
),

marks as (
    select
        'diagnostics_finished' as measure,
        as_of as date_on,
        '' as date_text
    from run
    union all
    select
        measure,
        date_on,
        cast(date_on as {{ dbt.type_string() }}) as date_text
    from {{ ref('int_secondary_date') }}
    where measure = 'diagnostics_by_date'
),

codes as (
    select distinct methodology_code from firsts
    union all
    select '' as methodology_code from run
),

named as (
    select
        marks.measure as measure,
        marks.date_on as date_on,
        codes.methodology_code as methodology_code,
        case
            when marks.date_text = '' then codes.methodology_code
            when codes.methodology_code = '' then marks.date_text
            else {{ dbt.concat(["marks.date_text", "'/'", "codes.methodology_code"]) }}
        end as dimension
    from marks
    cross join codes
),

final as (
    select
        named.measure as measure,
        cast(pupils.territory_id as integer) as territory_id,
        named.dimension as dimension,
        {{ total('by_day.n_finished') }} as numerator,
        cast(max(pupils.n_pupils) as bigint) as denominator,
        cast(null as decimal(12, 1)) as measured
    from pupils
    cross join named
    left join by_day
        on
            pupils.territory_id = by_day.territory_id
            and named.methodology_code = by_day.methodology_code
            and named.date_on >= by_day.finished_on
    group by
        named.measure,
        pupils.territory_id,
        named.dimension
)

select * from final
