with run as (
    select * from {{ ref('int_run') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

forms as (
    select
        indicator_forms.order_id as order_id,
        indicator_forms.indicator_id as indicator_id,
        {{ any_row("indicator_forms.variant = 'literal' and int_form_status.value_status = 'rejected'") }}
            as is_rejected,
        {{ any_row("indicator_forms.variant = 'literal' and int_form_status.value_status <> 'reported'") }}
            as is_missing,
        {{ any_row("int_form_status.value_status <> 'reported'") }} as is_confirmed_missing
    from {{ ref('indicator_forms') }} as indicator_forms
    inner join {{ ref('int_form_status') }} as int_form_status
        on indicator_forms.form_code = int_form_status.form_code
    group by
        indicator_forms.order_id,
        indicator_forms.indicator_id
),

final as (
    select
        {{ run_columns('run') }},
        indicators.indicator_id as indicator_id,
        cast(indicators.position as integer) as position,
        indicators.name_ru as indicator_name,
        indicators.short_name_ru as short_name,
        indicators.unit_ru as unit,
        indicators.column_code as column_code,
        indicators.formula_id as formula_id,
        coalesce(indicators.components, indicators.indicator_id) as components,
        indicators.starts_on as starts_on,
        indicators.deadline as deadline,
        indicators.deadline_source as deadline_source,
        case
            when forms.is_rejected then 'rejected'
            when forms.is_missing then 'not_reported'
            else 'reported'
        end as value_status,
        not forms.is_confirmed_missing as is_confirmed_reported
    from indicators
    inner join run on indicators.order_id = run.order_id
    inner join forms
        on
            indicators.order_id = forms.order_id
            and indicators.indicator_id = forms.indicator_id
)

select * from final
