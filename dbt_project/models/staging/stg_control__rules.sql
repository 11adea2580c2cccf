with source as (
    select
        rule_id,
        form_code,
        stage,
        severity,
        title_ru,
        clause,
        n_checked,
        n_failed
    from {{ source('control', 'rules') }}
)

select * from source
