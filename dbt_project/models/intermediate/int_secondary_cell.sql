with run as (
    select * from {{ ref('int_run') }}
),

this_month as (
    select {{ month_text('as_of') }} as month from run
),

indicators as (
    select indicators.*
    from {{ ref('secondary_indicators') }} as indicators
    inner join run on indicators.order_id = run.order_id
),

territories as (
    select * from {{ ref('dim_territory') }}
),

forms as (
    select * from {{ ref('int_secondary_form') }}
),

-- What a measure is split by: what it was measured for, and the months of its reports.
dimensions as (
    select distinct
        measure,
        dimension
    from {{ ref('int_secondary_measure') }}
    union
    select
        indicators.measure as measure,
        forms.month as dimension
    from indicators
    inner join forms on indicators.own_form = forms.form_code
    where indicators.is_by_month
    union
    select
        indicators.measure as measure,
        '' as dimension
    from indicators
    left join {{ ref('int_secondary_measure') }} as measured on indicators.measure = measured.measure
    where measured.measure is null
),

-- The worst status of the forms of platform and operator that a measure is made of.
common as (
    select
        indicators.measure as measure,
        case
            when {{ any_row("forms.value_status = 'rejected'") }} then 'rejected'
            when {{ any_row("forms.value_status = 'not_reported'") }} then 'not_reported'
            when {{ any_row("forms.value_status = 'not_due'") }} then 'not_due'
            else 'reported'
        end as value_status
    from indicators
    left join forms
        on
            {{ is_listed("coalesce(indicators.form_codes, '')", 'forms.form_code') }}
            and forms.territory_id = 0
            and forms.month = ''
    group by indicators.measure
),

final as (
    select
        indicators.measure as measure,
        territories.territory_id as territory_id,
        territories.territory_name as territory_name,
        dimensions.dimension as dimension,
        common.value_status = 'reported' as is_base_known,
        case
            when common.value_status <> 'reported' then common.value_status
            when indicators.own_form is null then 'reported'
            when own.value_status is not null then own.value_status
            -- Of a month that is over, silence is a missing report.
            when dimensions.dimension <> '' and dimensions.dimension < this_month.month
                then 'not_reported'
            else 'not_due'
        end as value_status
    from indicators
    cross join this_month
    inner join dimensions on indicators.measure = dimensions.measure
    inner join common on indicators.measure = common.measure
    inner join territories
        on
            territories.territory_kind = 'region'
            or indicators.measured_at = 'territory'
            or indicators.measured_at = territories.territory_kind
    left join forms as own
        on
            indicators.own_form = own.form_code
            and territories.territory_id = own.territory_id
            and own.month = case when indicators.is_by_month then dimensions.dimension else '' end
)

select * from final
