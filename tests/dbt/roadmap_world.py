"""A small region for the roadmap: four territories, each with one habit.

What enters: the date of a run. What leaves: the rows that are known on it. GOOD does everything on
the last day, LATE does it after, SILENT sends little, STATE is a state school; the operator's own
duties are single, so each has its own fate. Every date here is chosen beside a boundary.
"""

from __future__ import annotations

from datetime import date, datetime, time

from tests.dbt.accepted import Accepted, Row

GOOD, LATE, SILENT, STATE, NO_TARGET, REGION = 7, 33, 51, 63, 65, 0
SCHOOLS = {GOOD: "good", LATE: "late", SILENT: "silent", STATE: "state"}
NAVIGATORS = {GOOD: "n_good", LATE: "n_late", STATE: "n_state"}
# Pupils by the targets of the order: first registered this year, continuing, trials, partners.
TARGETS = {GOOD: (20, 31, 10), LATE: (20, 35, 10), STATE: (10, 30, 10)}
# Pupils without a navigator: from, until. What breaks after the due day changes nothing any more.
ALONE = [
    *(("7_new_1", "09-17", "09-30"), ("7_new_1", "11-07", "12-31")),
    ("33_new_1", "09-16", "10-07"),
]


def d(month_day: str) -> date:
    """A day of the order's year, from «MM-DD»."""
    return date.fromisoformat(f"2024-{month_day}")


def at(day: date, hour: int = 12) -> datetime:
    """A moment of the day."""
    return datetime.combine(day, time(hour))


# Form → days shown by its exports. A control date that is missing here was not exported.
_MONTH_ENDS = ("05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30", "12-31")
EXPORTS = {
    "P01": ("05-03", "05-06", *_MONTH_ENDS),
    "P02": ("05-17", "09-17", "09-30", *_MONTH_ENDS),
    "P03": ("05-03", "09-16", "09-30", *_MONTH_ENDS),
    "P04": ("09-02", "11-18", "12-12", *_MONTH_ENDS),
    "P05": ("09-02", "11-18", "12-12", *(day for day in _MONTH_ENDS if day != "06-30")),
    "P06": ("09-30", "10-14", "10-29", "11-11", "11-18"),
    "P07": ("08-28",),
    "P08": ("06-30",),
    "P09": ("09-10",),
    "P10": ("05-31",),
    "P11": ("08-20", "09-16", "10-01", "10-14", "10-28", "11-11", "11-25"),
    "K01": ("05-14",),
    "K02": ("05-14",),
    "K03": ("05-03",),
    "K04": ("05-30",),
    "K05": ("08-20",),
    "K06": ("06-07",),
    "K07": ("10-02",),
    "R05": ("09-30",),
}
# Form, territory, month of the list, day of receipt.
LISTS = [
    *(("M02", GOOD, "05-06", "05-06"), ("M02", LATE, "05-20", "05-20")),
    *(("M02", SILENT, "06-03", "06-03"), ("M03", GOOD, "05-15", "05-15")),
    *(("M03", LATE, "05-16", "05-16"), ("M03", STATE, "05-15", "05-15")),
    *(("M05", GOOD, "09-30", "10-07"), ("M05", LATE, "09-30", "10-08")),
    *(("M06", GOOD, "05-31", "06-07"), ("M06", LATE, "05-31", "06-10")),
    *(("M06", GOOD, "10-31", "11-07"), ("M06", LATE, "10-31", "11-08")),
]


def _schools(run: Accepted) -> None:
    for number, (territory, school) in enumerate(SCHOOLS.items(), 1):
        state = territory == STATE
        run.add(
            "P01",
            {
                "school_id": school,
                "inn": str(number),
                "subordination": "state" if state else "municipal",
                "full_name_territory_id": territory if state else None,
                "municipality_territory_id": GOOD if state else territory,
                "participation_status": "participates",
                "included_on": d("05-03"),
            },
        )
    for inn, territory, order_on, listed in (
        *(("1", GOOD, "05-02", "05-06"), ("2", LATE, "05-17", "05-20")),
        ("3", SILENT, "05-31", "06-03"),
    ):
        if d(listed) <= run.as_of:
            row = {"sender_territory_id": territory, "inn": inn, "order_on": d(order_on)}
            run.add("M02", row)


def seen(run: Accepted, form: str, *rows: tuple[str, Row]) -> None:
    """Add the rows whose day, «MM-DD», has come."""
    run.add(form, *(row for day, row in rows if d(day) <= run.as_of))


def _navigator(run: Accepted, key: str, school: str, registered: str, complete: str) -> None:
    whole = d(complete) <= run.as_of
    row = {
        "navigator_key": key,
        "email_key": f"mail_{key}",
        "school_id": school,
        "registered_on": d(registered),
        "cohort_year": 2024,
        "status": "active",
        "is_profile_completed": whole,
        "is_application_attached": whole,
        "is_consent_attached": whole,
        "consent_on": d(complete) if whole else None,
    }
    seen(run, "P02", (registered, row))


def _navigators(run: Accepted) -> None:
    _navigator(run, "n_good", "good", "05-08", "05-17")
    _navigator(run, "n_late", "late", "05-20", "06-03")
    _navigator(run, "n_state", "state", "05-08", "05-10")
    # Came in autumn: what was due in May is not owed by her.
    _navigator(run, "n_autumn", "good", "10-10", "10-21")
    for form, territory, _, received in LISTS:
        if form == "M03" and d(received) <= run.as_of:
            row = {
                "sender_territory_id": territory,
                "email_key": f"mail_{NAVIGATORS[territory]}",
                "delivery_id": f"M03-{territory}",
            }
            run.add("M03", row)


def _pupil(run: Accepted, key: str, territory: int, registered: date, ready: date) -> None:
    """A pupil that is registered on one day and has everything done on another."""
    known, new = ready <= run.as_of, registered.year == 2024
    if registered > run.as_of:
        return
    child = key.endswith("_0") and new
    no_navigator = any(
        key == alone and d(first) <= run.as_of < d(last) for alone, first, last in ALONE
    )
    scanned = child and known and territory != STATE
    run.birth_dates[key] = date(2012, 6, 1) if child else date(2009, 1, 1)
    run.add(
        "P03",
        {
            "pupil_key": key,
            "school_id": SCHOOLS[territory],
            "grade": 8,
            "navigator_key": None if no_navigator else NAVIGATORS[territory],
            "registered_on": registered,
            "cohort_year": registered.year,
            "status": "new" if new else "continuing",
            "status_on": ready if known else None,
            "is_authorised": known,
            "authorised_at": at(ready) if known else None,
            "is_verified": known,
            "verified_at": at(ready) if known else None,
            "consent_status": "attached" if scanned else "missing",
            "consent_on": ready if scanned else None,
        },
    )


def _pupils(run: Accepted) -> None:
    last = {GOOD: d("09-30"), LATE: d("10-01"), STATE: d("09-12")}
    for territory, (n_new, n_old, _) in TARGETS.items():
        for number in range(n_new):
            # The last one reaches the target.
            registered = last[territory] if number == n_new - 1 else d("09-05")
            ready = last[territory] if number == 0 else max(registered, d("09-10"))
            _pupil(run, f"{territory}_new_{number}", territory, registered, ready)
        for number in range(n_old):
            ready = last[territory] if number == n_old - 1 else d("09-10")
            _pupil(run, f"{territory}_old_{number}", territory, date(2022, 10, 3), ready)
    graduate = {"school_id": "good", "registered_on": date(2022, 10, 3), "cohort_year": 2022}
    graduate |= {"pupil_key": "graduate", "grade": 9, "status": "graduated_9"}
    run.add("P03", {**graduate, "status_on": d("06-20")})
    run.birth_dates["graduate"] = date(2009, 1, 1)


def people(run: Accepted) -> None:
    """Schools, navigators and pupils known on the day."""
    _schools(run)
    _navigators(run)
    _pupils(run)
