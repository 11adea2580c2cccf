with run as (
    select * from {{ ref('int_run') }}
),

reported as (
    select * from {{ ref('int_forms_reported') }}
),

navigators as (
    select
        navigator_key,
        school_id,
        is_l2_active
    from {{ ref('dim_navigator') }}
),

-- A pupil of an unknown school cannot be moved, but takes a seat all the same.
pupils as (
    select
        pupils.pupil_key as pupil_key,
        pupils.school_id as school_id,
        pupils.territory_id as territory_id,
        case when navigators.is_l2_active then pupils.navigator_key end as navigator_key,
        pupils.navigator_key as named_key,
        case
            when pupils.territory_id is null then 0
            when pupils.school_id = navigators.school_id then 1
            else 2
        end as distance
    from {{ ref('dim_pupil') }} as pupils
    left join navigators on pupils.navigator_key = navigators.navigator_key
    where pupils.is_active
),

-- Who is beyond the limit moves, pupils of other schools first; the others stay where they are.
ranked as (
    select
        pupils.*,
        row_number() over (
            partition by pupils.navigator_key
            order by pupils.distance, pupils.pupil_key
        ) as place
    from pupils
),

final as (
    select
        ranked.pupil_key as pupil_key,
        ranked.school_id as school_id,
        ranked.territory_id as territory_id,
        ranked.named_key as from_navigator_key,
        case when ranked.navigator_key is null then 'orphan' else 'overflow' end as reason
    from ranked
    cross join run
    cross join reported
    where
        ranked.territory_id is not null
        and (ranked.navigator_key is null or ranked.place > run.load_limit)
        -- Without the list of navigators everybody would seem to have none.
        and reported.has_p02
        and reported.has_p03
)

select * from final
