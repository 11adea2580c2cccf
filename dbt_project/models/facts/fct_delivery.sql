with run as (
    select * from {{ ref('int_run') }}
),

deliveries as (
    select * from {{ ref('stg_control__deliveries') }}
),

versions as (
    select * from {{ ref('stg_control__versions') }}
),

final as (
    select
        run.order_id as order_id,
        run.as_of as as_of,
        run.load_id as load_id,
        deliveries.delivery_id as delivery_id,
        deliveries.form_code as form_code,
        deliveries.form_version as form_version,
        deliveries.sender_territory_id as sender_territory_id,
        deliveries.as_of as delivery_as_of,
        deliveries.version as version,
        deliveries.received_at as received_at,
        deliveries.sha256 as sha256,
        deliveries.file_name as file_name,
        deliveries.channel as channel,
        deliveries.status as status,
        deliveries.is_selected as is_selected,
        deliveries.n_received as n_received,
        deliveries.n_accepted as n_accepted,
        deliveries.n_rejected as n_rejected,
        deliveries.n_errors as n_errors,
        deliveries.n_warnings as n_warnings,
        deliveries.supersedes as supersedes,
        versions.previous_delivery_id as previous_delivery_id,
        versions.n_fixed as n_fixed,
        versions.n_left as n_left,
        versions.n_new as n_new
    from deliveries
    cross join run
    left join versions on deliveries.delivery_id = versions.delivery_id
)

select * from final
