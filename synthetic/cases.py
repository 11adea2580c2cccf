"""Planted cases: the boundaries of spec 08 at numbers that everybody can find again.

What enters: the year's truth and `cases.yml`. What leaves: the same truth with these people, events
and records at its end.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from synthetic.config import day, load_yaml
from synthetic.cut import Truth
from synthetic.events import KIND_SECTIONS, PARTICIPATIONS
from synthetic.frames import NEVER, Row, appended, dated
from synthetic.navigators import CONTINUING, Navigators, handed_in_on
from synthetic.people import MAIL_DOMAIN
from synthetic.pupils import CONSENTS, STATUSES, Pupils
from synthetic.training import hours_of, is_for_navigators


def _position(numbers: Any) -> dict[int, int]:
    return {int(number): place for place, number in enumerate(numbers)}


def _published(truth: Truth, row: Row) -> np.datetime64:
    """The moment so many working days after the event."""
    lag, at = row["published"]
    held: date = row["held_on"]
    shown = truth.world.reference.calendar.add_working_days(held, lag) if lag else held
    return np.datetime64(f"{shown}T{at}", "m")


def _navigator_rows(truth: Truth, rows: list[Row]) -> list[Row]:
    year, found, schools = truth.world.year, [], truth.schools
    confirmed = day(f"{year}-03-01")
    for case in rows:
        handed = handed_in_on(truth.world, np.array([case["number"]]), np.array([confirmed]))
        row = {"original_on": handed[0]} | dated(case)
        if row.get("school") == "pending":
            school = np.flatnonzero(schools.is_pending.astype(bool))[0]
            row["territory"] = int(schools.territory[school])
        else:
            school = truth.navigators.school[truth.navigators.leading(row["territory"])[0]]
        found.append(
            {
                "number": row["number"],
                "territory": row["territory"],
                "school": school,
                "kind": CONTINUING,
                "last": "Образцова",
                "first": "Вера",
                "middle": "Петровна",
                "email": f"obraztsova.{row['number']}@{MAIL_DOMAIN}",
                "position": "учитель технологии",
                "cohort": year - 1,
                "registered_on": day(f"{year - 1}-09-15"),
                "confirmed_on": confirmed,
                "gone_on": NEVER,
                "original_on": row["original_on"],
            }
        )
    return found


def _pupil_row(truth: Truth, case: Row, navigators: Navigators) -> Row:
    position = _position(navigators.number)
    navigator = position[int(case["navigator"])]
    new = position[int(case.get("new_navigator") or case["navigator"])]
    keeps = case.get("keeps_navigator", True)
    entered = case["enters_on"]
    cohort = truth.world.year + case["cohort"]
    registered = entered if case["status"] == "new" else day(f"{cohort}-10-05")
    authorised = registered.astype("datetime64[m]") + np.timedelta64(10 * 60, "m")
    return {
        "number": case["number"],
        "territory": navigators.territory[navigator],
        "school": navigators.school[navigator],
        "navigator": navigator if keeps else -1,
        "group": -1,
        **{name: case[name] for name in ("grade_spring", "grade_fall", "last", "first", "middle")},
        "letter": "А",
        "birth": case["birth"],
        "cohort": cohort,
        "registered_on": registered,
        "enters_on": entered,
        "in_spring": entered < truth.world.rollover,
        "status": STATUSES.index(case["status"]),
        "status_on": case["status_on"],
        "authorised_at": authorised,
        "verified_at": authorised + np.timedelta64(24 * 60, "m"),
        "consent": CONSENTS.index(case["consent"]),
        "consent_on": case.get("consent_on", NEVER),
        "original_on": case.get("original_on", NEVER),
        "moved_on": case.get("moved_on", NEVER),
        "new_school": navigators.school[new],
        "new_navigator": new,
    }


def _pupil_rows(truth: Truth, cases: Row, navigators: Navigators) -> list[Row]:
    names = load_yaml("names.yml")
    firsts = [name for row in names["first_names_male"] for name in row]
    fathers = [pair[0] for pair in names["patronymics"]]
    rows = []
    for case in cases["pupils"]:
        full = dated(cases["pupil_defaults"] | case)
        count = full.get("count", 1)
        for place in range(count):
            one = full | {"number": full["number"] + place}
            if count > 1:  # a crowd: each a person of their own
                one |= {
                    "first": firsts[place % len(firsts)],
                    "middle": fathers[place // len(firsts)],
                    "last": "Ветров" if full["number"] % 2000 == 1001 else "Лугов",
                    "birth": full["birth"] + np.timedelta64(full["number"] // 1000 % 2 * 30, "D"),
                }
            rows.append(_pupil_row(truth, one, navigators))
    return rows


def _event_rows(truth: Truth, rows: list[Row], navigators: Navigators) -> list[Row]:
    position = _position(navigators.number)
    sections = truth.world.region["events"]
    found = []
    for row in rows:
        section = row.get("kind", "usual")
        before = KIND_SECTIONS[: KIND_SECTIONS.index(section)]
        kind = sum(len(sections[name]) for name in before) + row.get("kind_no", 0)
        found.append(
            {
                "number": row["number"],
                "kind": kind,
                "navigator": position[row["navigator"]],
                "held_on": day(row["held_on"]),
                "hour": 11,
                "published_at": _published(truth, row),
                "is_cancelled": False,
                "direction": 0,
                "name_no": 0,
                "place_no": row.get("place", 1),
                "is_free": row.get("is_free", True),
                "is_in_schedule": row.get("is_in_schedule", True),
                "seats": row.get("seats", -1),
            }
        )
    return found


def _record_rows(truth: Truth, rows: list[Row], pupils: Pupils) -> list[Row]:
    position = _position(pupils.number)
    first = len(truth.events.number)
    return [
        {
            "number": 90_000_000 + row["number"] % 1_000_000 * 10 + place,
            "event": first + event,
            "pupil": position[pupil],
            "status": PARTICIPATIONS.index(status),
            "lead_days": 1,
        }
        for event, row in enumerate(rows)
        for place, (pupil, status) in enumerate(row["pupils"].items())
    ]


def _course_rows(truth: Truth, rows: list[Row], navigators: Navigators) -> list[Row]:
    position, found = _position(navigators.number), []
    for place, case in enumerate(rows):
        row = dated(case)
        for_navigators = is_for_navigators(row["programme"])
        if for_navigators:
            school = navigators.school[position[row["navigator"]]]
        else:
            school = truth.schools.of(row["territory"])[0]
        found.append(
            {
                "participant": row["navigator"] if for_navigators else row["administrator"],
                "school": school,
                "programme": row["programme"],
                "hours": row.get("hours", hours_of(truth.world, row["programme"])),
                "enrolled_on": row["enrolled_on"],
                "finished_on": row["finished_on"],
                "document": row.get("document", 90_000 + place),
            }
        )
    return found


def plant(truth: Truth) -> Truth:
    """The truth with the cases of `cases.yml`.

    Raises:
        RegionError: a case names a column that the truth does not have.
    """
    cases = truth.world.cases
    navigators = appended(truth.navigators, _navigator_rows(truth, cases["navigators"]))
    pupils = appended(truth.pupils, _pupil_rows(truth, cases, navigators))
    return replace(
        truth,
        navigators=navigators,
        pupils=pupils,
        events=appended(truth.events, _event_rows(truth, cases["events"], navigators)),
        participations=appended(truth.participations, _record_rows(truth, cases["events"], pupils)),
        courses=appended(truth.courses, _course_rows(truth, cases["courses"], navigators)),
    )
