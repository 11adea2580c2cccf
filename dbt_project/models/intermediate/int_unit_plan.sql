with run as (
    select * from {{ ref('int_run') }}
),

-- Lines of the plan whose day has come and that ask for a diagnostic.
lines as (
    select
        plan.row_id as row_id,
        plan.methodology_code as methodology_code,
        {{ whole_number(dbt.split_part('plan.grades', "'-'", 1)) }} as first_grade,
        {{ whole_number(dbt.split_part('plan.grades', "'-'", 2)) }} as last_grade
    from {{ ref('stg_operator__study_plan') }} as plan
    cross join run
    where
        plan.methodology_code is not null
        and plan.lesson_on <= run.as_of
),

pupils as (
    select * from {{ ref('dim_pupil') }}
    where is_active and territory_id is not null
),

finished as (
    select distinct
        pupil_key,
        methodology_code
    from {{ ref('fct_diagnostic_attempt') }}
    where is_finished
),

shares as (
    select
        lines.row_id as row_id,
        pupils.territory_id as territory_id,
        count(*) as n_pupils,
        count(finished.pupil_key) as n_finished
    from lines
    -- «8» is one grade; a line without readable grades asks everybody.
    inner join pupils
        on
            pupils.grade between coalesce(lines.first_grade, pupils.grade)
            and coalesce(lines.last_grade, lines.first_grade, pupils.grade)
    left join finished
        on
            pupils.pupil_key = finished.pupil_key
            and lines.methodology_code = finished.methodology_code
    group by
        lines.row_id,
        pupils.territory_id
),

final as (
    {{ duty_unit(
        'study_plan_followed', 'shares.territory_id',
        'case when shares.n_finished * 100 >= shares.n_pupils * run.ktp_done_pct then run.as_of end',
        'R05', 'shares.row_id'
    ) }}
    from shares
    cross join run
)

select * from final
