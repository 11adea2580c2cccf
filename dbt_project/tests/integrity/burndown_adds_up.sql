-- What: A form, sender and severity whose findings do not add up: open before, opened, returned and lapsed
-- against open, fixed, waived, confirmed and withdrawn.
-- When it matters: A finding would have vanished from the ledger, or be counted twice.
-- What to do: Compare `previous_state` and `state` of these findings in int_finding_life.
select
    form_code,
    sender_territory_id,
    severity,
    n_open_before + n_opened + n_returned + n_lapsed as n_came,
    n_open + n_fixed + n_waived + n_confirmed + n_withdrawn as n_went
from {{ ref('mart_finding_burndown') }}
where
    n_open_before + n_opened + n_returned + n_lapsed
    <> n_open + n_fixed + n_waived + n_confirmed + n_withdrawn
