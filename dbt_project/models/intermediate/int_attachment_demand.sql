with run as (
    select * from {{ ref('int_run') }}
),

navigators as (
    select
        navigator_key,
        is_l2_active
    from {{ ref('dim_navigator') }}
),

pupils as (
    select
        pupils.pupil_key as pupil_key,
        pupils.school_id as school_id,
        pupils.territory_id as territory_id,
        case when navigators.is_l2_active then pupils.navigator_key end as navigator_key,
        pupils.navigator_key as named_key
    from {{ ref('dim_pupil') }} as pupils
    left join navigators on pupils.navigator_key = navigators.navigator_key
    where pupils.is_active and pupils.territory_id is not null
),

-- Who is beyond the limit moves; the others stay where they are.
ranked as (
    select
        pupils.*,
        row_number() over (
            partition by pupils.navigator_key
            order by pupils.pupil_key
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
    where ranked.navigator_key is null or ranked.place > run.load_limit
)

select * from final
