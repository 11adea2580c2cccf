with statuses as (
    select * from {{ ref('int_form_status') }}
    where value_status = 'reported'
),

final as (
    select
        count(case when form_code = 'P01' then 1 end) > 0 as has_p01,
        count(case when form_code = 'P02' then 1 end) > 0 as has_p02,
        count(case when form_code = 'P03' then 1 end) > 0 as has_p03,
        count(case when form_code = 'P04' then 1 end) > 0 as has_p04,
        count(case when form_code = 'P05' then 1 end) > 0 as has_p05,
        count(case when form_code = 'P06' then 1 end) > 0 as has_p06
    from statuses
)

select * from final
