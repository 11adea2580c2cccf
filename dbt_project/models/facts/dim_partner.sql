with run as (
    select * from {{ ref('int_run') }}
),

partners as (
    select * from {{ ref('stg_platform__partners') }}
),

agreements as (
    select
        inn,
        min(agreement_on) as agreement_on,
        {{ any_row('is_free') }} as is_free
    from {{ ref('stg_territory__partner_agreements') }}
    group by inn
),

final as (
    select
        {{ run_columns('run') }},
        partners.partner_id as partner_id,
        partners.partner_name as partner_name,
        partners.inn as inn,
        cast(partners.municipality_territory_id as integer) as territory_id,
        partners.cabinet_on as cabinet_on,
        partners.agreement_no as agreement_no,
        coalesce(partners.agreement_on, agreements.agreement_on) as agreement_on,
        agreements.is_free as is_free,
        partners.status as status,
        partners.has_error as has_error,
        partners.row_id as row_id
    from partners
    cross join run
    left join agreements on partners.inn = agreements.inn
)

select * from final
