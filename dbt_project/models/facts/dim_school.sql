with run as (
    select * from {{ ref('int_run') }}
),

schools as (
    select
        *,
        row_number() over (
            partition by school_id
            order by has_error asc, source_row desc nulls last, row_id asc
        ) as newest
    from {{ ref('stg_platform__schools') }}
),

final as (
    select
        {{ run_columns('run') }},
        schools.school_id as school_id,
        schools.inn as inn,
        schools.full_name as full_name,
        schools.short_name as short_name,
        schools.subordination as subordination,
        schools.participation_status as participation_status,
        cast(schools.first_year as integer) as first_year,
        cast(schools.municipality_territory_id as integer) as municipality_territory_id,
        cast(
            -- A state school is a row of its own and never counts for the city around it (Q-15).
            case
                when schools.subordination = 'state' then schools.full_name_territory_id
                else schools.municipality_territory_id
            end as integer
        ) as territory_id,
        schools.has_error as has_error,
        schools.row_id as row_id
    from schools
    cross join run
    where schools.newest = 1
)

select * from final
