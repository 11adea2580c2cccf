with run as (
    select * from {{ ref('int_run') }}
),

schools as (
    select * from {{ ref('dim_school') }}
    where participation_status = 'participates'
),

listed as (
    select
        inn,
        min(order_on) as order_on,
        min(row_id) as row_id
    from {{ ref('stg_territory__school_list') }}
    group by inn
),

included as (
    select
        inn,
        min(included_on) as included_on
    from {{ ref('stg_platform__schools') }}
    group by inn
),

certificates as (
    select
        training.school_id as school_id,
        min(training.document_on) as document_on
    from {{ ref('stg_platform__training') }} as training
    cross join run
    where
        training.role = 'administrator'
        and {{ is_completed_training('intensive_6h', 'intensive_hours') }}
        and training.document_on >= run.intensive_from
    group by training.school_id
),

final as (
    {{ duty_unit(
        'administrators_trained', 'schools.territory_id',
        'certificates.document_on',
        'P01', 'schools.row_id'
    ) }}
    from schools
    left join certificates on schools.school_id = certificates.school_id
    union all
    {{ duty_unit(
        'school_lists_agree', '0',
        "case
                when schools.subordination = 'state'
                then coalesce(included.included_on, run.as_of)
                when listed.inn is not null
                then greatest(coalesce(included.included_on, run.as_of), coalesce(listed.order_on, run.as_of))
            end",
        'P01', 'schools.row_id'
    ) }}
    from schools
    cross join run
    left join listed on schools.inn = listed.inn
    left join included on schools.inn = included.inn
    union all
    {{ duty_unit('school_lists_agree', '0', 'null', 'M02', 'listed.row_id') }}
    from listed
    left join schools on listed.inn = schools.inn
    where schools.inn is null
)

select * from final
