-- What: parameters that choose a variant hold one of the words the models understand.
-- When it matters: always; an unknown word would count nobody.
-- What to do: correct the value in seeds/parameters.csv; the words are listed here.
select order_id
from {{ ref('int_run') }}
where
    nav_active_level not in ('L2', 'L3', 'L4', 'L5', 'L6')
    or pupil_active_level not in ('literal', 'confirmed')
    or regional_target_mode not in ('max_of_sum_and_declared', 'declared', 'sum')
    or trial_at_partner_counts not in ('with_programme', 'always', 'never')
