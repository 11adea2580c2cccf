with run as (
    select * from {{ ref('int_run') }}
),

reports as (
    select * from {{ ref('stg_operator__outgoing_reports') }}
),

-- «июль», «за июль 2024 г.» → 07.
named as (
    select
        reports.row_id as row_id,
        min(names.month_no) as month_no
    from reports
    inner join {{ ref('month_names') }} as names
        on lower(reports.period) like {{ dbt.concat(["'%'", "names.stem_ru", "'%'"]) }}
    group by reports.row_id
),

final as (
    select
        {{ run_columns('run') }},
        reports.row_id as row_id,
        reports.report_kind as report_kind,
        reports.period as period,
        case
            when reports.period like '____-__' then reports.period
            when reports.period like '__.____'
                then {{ dbt.concat([
                    "substring(reports.period, 4, 4)", "'-'", "substring(reports.period, 1, 2)"
                ]) }}
            when named.month_no is not null
                then {{ dbt.concat([
                    "cast(run.order_year as " ~ dbt.type_string() ~ ")", "'-'", "named.month_no"
                ]) }}
        end as report_month,
        reports.addressee as addressee,
        reports.outgoing_no as outgoing_no,
        reports.sent_on as sent_on,
        reports.file_name as file_name,
        reports.is_paper as is_paper,
        reports.has_error as has_error
    from reports
    cross join run
    left join named on reports.row_id = named.row_id
)

select * from final
