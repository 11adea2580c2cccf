with run as (
    select * from {{ ref('int_run') }}
),

reports as (
    select * from {{ ref('stg_operator__outgoing_reports') }}
),

final as (
    select
        {{ run_columns('run') }},
        reports.row_id as row_id,
        reports.report_kind as report_kind,
        reports.period as period,
        reports.addressee as addressee,
        reports.outgoing_no as outgoing_no,
        reports.sent_on as sent_on,
        reports.file_name as file_name,
        reports.is_paper as is_paper,
        reports.has_error as has_error
    from reports
    cross join run
)

select * from final
