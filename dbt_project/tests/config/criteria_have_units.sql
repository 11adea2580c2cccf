-- What: every criterion that the order uses is counted by a model and can have units.
-- When it matters: when a criterion is registered; one that no model counts would never be done.
-- What to do: add the branch of units to an int_unit_* model and its name to this list.
select criteria.criterion
from {{ ref('criteria') }} as criteria
where
    criteria.criterion not in (
        {% for name in [
            'coordinator_appointed', 'list_received', 'report_received', 'agreements_signed', 'school_lists_agree',
            'letters_sent', 'navigators_registered', 'navigators_complete',
            'events_published_in_time', 'snapshot_loaded', 'month_loaded', 'report_sent',
            'administrators_trained', 'navigators_trained', 'project_certificate',
            'consents_attached', 'originals_received', 'target_reached', 'cohort_updated',
            'pupils_verified', 'load_within_limit', 'pupils_attached', 'study_plan_followed',
            'venues_contracted', 'venues_registered', 'venues_with_programme',
            'programmes_approved', 'venues_with_schedule', 'seats_offered', 'venue_visited',
            'partner_events_scheduled', 'partners_agreed', 'webinars_published',
            'posts_every_month', 'meetings_held', 'media_published',
        ] %}
            '{{ name }}'{{ ',' if not loop.last }}
        {% endfor %}
    )
