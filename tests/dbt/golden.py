"""The hand-made region: few persons, each for one boundary of the specification's cases.

What enters: nothing. What leaves: the rows of a run for 30.11.2024 whose figures can be counted on
one's fingers; the tests hold those figures.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from tests.dbt.accepted import Accepted

BALASHIKHA, LOBNYA, KHIMKI, LYCEUM = 1, 26, 51, 58
AS_OF = date(2024, 11, 30)
KNOWN_AT = datetime.fromisoformat("2024-12-04T23:59:59")
Row = dict[str, Any]


def a_school(school_id: str, territory: int) -> Row:
    state = territory == LYCEUM
    return {
        "school_id": school_id,
        "subordination": "state" if state else "municipal",
        "full_name_territory_id": LYCEUM if state else None,
        "municipality_territory_id": BALASHIKHA if state else territory,
        "participation_status": "participates",
    }


def a_navigator(key: str, school: str, cohort: int, **changes: Any) -> Row:
    return {
        "navigator_key": key,
        "email_key": f"mail_{key}",
        "school_id": school,
        "cohort_year": cohort,
        "status": "active",
        "is_profile_completed": True,
        "is_application_attached": True,
        "is_consent_attached": True,
        **changes,
    }


def a_pupil(key: str, school: str, cohort: int, **changes: Any) -> Row:
    return {
        "pupil_key": key,
        "school_id": school,
        "cohort_year": cohort,
        "registered_on": date(cohort, 5, 1),
        "grade": 8,
        "navigator_key": "nav_khimki",
        "status": "new" if cohort == 2024 else "continuing",
        "status_on": date(2024, 9, 2),
        "is_authorised": True,
        "is_verified": True,
        "consent_status": "attached",
        **changes,
    }


def an_event(event_id: str, school: str, day: date, published: date, **changes: Any) -> Row:
    return {
        "event_id": event_id,
        "event_type": "trial",
        "event_format": "onsite",
        "event_on": day,
        "place_type": "trial_venue",
        "venue_id": "venue",
        "programme_id": "programme",
        "school_id": school,
        "navigator_key": "nav_khimki",
        "published_at": datetime.combine(published, time(18)),
        "status": "held",
        **changes,
    }


def a_part(event: str, pupil: str, school: str | None, status: str = "attended") -> Row:
    return {"event_id": event, "pupil_key": pupil, "school_id_at_event": school, "status": status}


def _people(run: Accepted) -> None:
    run.add(
        "P01",
        a_school("khimki", KHIMKI),
        a_school("lobnya", LOBNYA),
        a_school("balashikha", BALASHIKHA),
        a_school("lyceum", LYCEUM),
    )
    run.add(
        "P02",
        a_navigator("nav_khimki", "khimki", 2022),
        a_navigator("nav_new", "khimki", 2024, is_application_attached=False),
        a_navigator("nav_half", "lobnya", 2023, is_profile_completed=False),
        a_navigator("nav_lyceum", "lyceum", 2021),
        a_navigator("nav_left", "lobnya", 2022, status="left"),
    )
    run.add(
        "P03",
        a_pupil("mover", "lobnya", 2022),
        a_pupil("child", "khimki", 2024, grade=6, consent_status="missing"),
        a_pupil("fifth_grade", "khimki", 2024, grade=5),
        a_pupil("lyceum_11", "lyceum", 2023, grade=11),
        a_pupil("alone", "balashikha", 2021, grade=10, navigator_key=None),
        a_pupil("graduate", "balashikha", 2021, grade=9, status="graduated_9"),
        a_pupil("wrong", "balashikha", 2022, has_error=True),
    )
    keys = [row["pupil_key"] for row in run.rows["P03"]]
    run.birth_dates |= dict.fromkeys(keys, date(2008, 2, 29))
    run.birth_dates |= {"child": date(2012, 2, 29), "fifth_grade": date(2013, 1, 1)}


def _happenings(run: Accepted) -> None:
    partner = {"place_type": "partner_venue", "venue_id": None, "partner_id": "partner"}
    online = {"event_format": "online", "place_type": "online", "venue_id": None}
    run.add(
        "P04",
        an_event("october", "khimki", date(2024, 10, 10), date(2024, 10, 15)),
        an_event("last_day", "lobnya", date(2024, 11, 18), date(2024, 11, 22)),
        an_event("day_after", "lobnya", date(2024, 11, 19), date(2024, 11, 19)),
        an_event("online", "khimki", date(2024, 10, 11), date(2024, 10, 11), **online),
        an_event(
            "visit",
            "lyceum",
            date(2024, 11, 1),
            date(2024, 11, 6),
            event_type="excursion",
            **partner,
        ),
        an_event(
            "unplanned",
            "khimki",
            date(2024, 10, 14),
            date(2024, 10, 14),
            programme_id=None,
            **partner,
        ),
        an_event("may", "balashikha", date(2024, 5, 8), date(2024, 5, 15)),
        an_event("off", "khimki", date(2024, 10, 10), date(2024, 10, 10), status="cancelled"),
    )
    run.add(
        "P05",
        a_part("october", "mover", "khimki"),
        a_part("last_day", "mover", "lobnya"),
        a_part("october", "child", "khimki", "absent"),
        a_part("day_after", "child", "khimki"),
        a_part("online", "child", "khimki"),
        a_part("unplanned", "child", "khimki"),
        a_part("visit", "lyceum_11", "lyceum"),
        a_part("may", "graduate", None),
        a_part("off", "mover", "khimki"),
    )


def _registers(run: Accepted) -> None:
    run.add(
        "M04",
        {
            "delivery_id": "M04-51",
            "sender_territory_id": KHIMKI,
            "consent_kind": "representative",
            "subject_key": "fifth_grade",
            "is_original_received": True,
            "received_on": date(2024, 11, 5),
        },
    )
    run.control["deliveries"] = [
        {
            "delivery_id": "M04-51",
            "form_code": "M04",
            "sender_territory_id": KHIMKI,
            "as_of": date(2024, 11, 30),
            "received_at": datetime.fromisoformat("2024-12-04T12:00:00"),
            "status": "accepted",
            "is_selected": True,
        }
    ]
    run.control["expected"] = [
        {
            "form_code": "M04",
            "form_title": "Реестр оригиналов согласий",
            "sender_kind": "territory",
            "sender_territory_id": territory,
            "period": "2024-11",
            "due_on": date(2024, 12, 4),
            "is_due": True,
        }
        for territory in (KHIMKI, LOBNYA)
    ]


def _places(run: Accepted) -> None:
    """A venue, its seats, training, and what one territory tells of parents' meetings."""
    run.add("P07", {"venue_id": "venue", "inn": "5047", "municipality_territory_id": KHIMKI,
                    "cabinet_on": date(2024, 9, 2), "status": "active"})  # fmt: skip
    run.add("K05", {"inn": "5047", "contract_no": "1", "contract_on": date(2024, 8, 30)},
            {"inn": "5032", "contract_no": "2", "contract_on": date(2024, 8, 30)})  # fmt: skip
    run.add("P09", {"slot_id": "slot", "slot_kind": "trial", "venue_id": "venue", "n_seats": 15,
                    "slot_on": date(2024, 10, 10), "status": "held",
                    "published_at": datetime.combine(date(2024, 9, 30), time(12))})  # fmt: skip
    course = {"programme": "course_36h", "role": "navigator", "status": "finished", "hours": 36}
    run.add("P11", {"participant_key": "nav_khimki", "document_on": date(2024, 10, 14), **course},
            {"participant_key": "nav_left", "document_on": date(2024, 10, 14), **course},
            {"participant_key": "admin", "programme": "intensive_6h", "role": "administrator",
             "status": "finished", "hours": 6, "school_id": "khimki",
             "document_on": date(2024, 8, 30)})  # fmt: skip
    september = {"delivery_id": "M08-51-09", "sender_territory_id": KHIMKI,
                 "delivery_as_of": date(2024, 9, 30)}  # fmt: skip
    run.add("M08", {"school_name": "Школа № 1", "n_participants": 30, **september},
            {"school_name": "Школа № 1", "n_participants": 12, **september})  # fmt: skip
    run.control["deliveries"] += [
        {
            "delivery_id": delivery,
            "form_code": "M08",
            "sender_territory_id": KHIMKI,
            "as_of": day,
            "received_at": datetime.combine(day, time(12)),
            "status": "accepted",
            "is_selected": True,
        }
        # In October nobody met: a report with no rows is an answer.
        for delivery, day in (("M08-51-09", date(2024, 9, 30)), ("M08-51-10", date(2024, 10, 31)))
    ]


def golden_run() -> Accepted:
    """The region with every form received."""
    run = Accepted(as_of=AS_OF, known_at=KNOWN_AT)
    _people(run)
    _happenings(run)
    _registers(run)
    _places(run)
    return run


def silent_run() -> Accepted:
    """The same people; the events never came and the file of participations was rejected."""
    run = Accepted(as_of=AS_OF, known_at=KNOWN_AT, missing={"P04", "P05"})
    _people(run)
    run.control["expected"] = [
        {
            "form_code": "P04",
            "form_title": "Мероприятия",
            "sender_kind": "platform",
            "sender_territory_id": 0,
            "period": f"{AS_OF}",
            "due_on": date(2024, 12, 4),
            "is_due": True,
        }
    ]
    run.control["deliveries"] = [
        {
            "delivery_id": "P05-bad",
            "form_code": "P05",
            "sender_territory_id": 0,
            "as_of": AS_OF,
            "received_at": datetime.fromisoformat("2024-12-02T12:00:00"),
            "status": "rejected",
            "is_selected": False,
        }
    ]
    return run
