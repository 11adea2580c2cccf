with told as (
    select * from {{ ref('stg_history__run') }}
),

versions as (
    select * from {{ ref('dim_run') }}
),

final as (
    select
        told.as_of as previous_as_of,
        told.known_on as previous_known_on,
        told.load_id as previous_load_id,
        coalesce(told.rules_version, '') <> coalesce(versions.rules_version, '')
        or coalesce(told.formulas_version, '') <> coalesce(versions.formulas_version, '')
            as is_other_version
    from told
    cross join versions
)

select * from final
