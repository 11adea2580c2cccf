"""Everything that is known of the small region of the roadmap on a day.

What enters: the date of a run. What leaves: its rows and its register of deliveries.
"""

from __future__ import annotations

from datetime import date

from tests.dbt.accepted import Accepted, Row
from tests.dbt.roadmap_deeds import deeds
from tests.dbt.roadmap_world import EXPORTS, LISTS, at, d, people


def _deliveries(as_of: date) -> list[Row]:
    exports = [(form, 0, day, day) for form, days in EXPORTS.items() for day in days]
    known = [
        {
            "delivery_id": f"{form}-{sender}-{content}",
            "form_code": form,
            "sender_territory_id": sender,
            "as_of": d(content),
            "received_at": at(d(received), 23),
            "status": "accepted",
            "is_selected": True,
            "n_accepted": 1,
        }
        for form, sender, content, received in [*exports, *LISTS]
        if d(received) <= as_of
    ]
    newest = {(row["form_code"], row["sender_territory_id"]): row["delivery_id"] for row in known}
    taken = set(newest.values())
    return [{**row, "is_selected": row["delivery_id"] in taken} for row in known]


def roadmap_run(as_of: date) -> Accepted:
    """The rows that a run for the day reads."""
    exported = {form for form, days in EXPORTS.items() if d(days[0]) <= as_of}
    run = Accepted(as_of=as_of, known_at=at(as_of, 23), missing=set(EXPORTS) | {"K08", "K09"})
    people(run)
    deeds(run)
    run.rows = {form: rows for form, rows in run.rows.items() if form[0] == "M" or form in exported}
    run.control["deliveries"] = _deliveries(as_of)
    return run
