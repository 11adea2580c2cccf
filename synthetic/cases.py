"""Planted cases: the boundaries of spec 08 at numbers that everybody can find again.

What enters: the year's truth and `cases.yml`. What leaves: the same truth with these people, events
and records at its end.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any, TypeVar

import numpy as np

from synthetic.config import Array, RegionError, day, load_yaml
from synthetic.cut import Truth
from synthetic.events import KIND_SECTIONS, PARTICIPATIONS
from synthetic.navigators import CONTINUING, Navigators
from synthetic.people import MAIL_DOMAIN
from synthetic.pupils import CONSENTS, NEVER, STATUSES, Pupils

Frame = TypeVar("Frame")
Row = dict[str, Any]


def appended(frame: Frame, rows: list[Row]) -> Frame:
    """A frame of arrays with rows at its end.

    Raises:
        RegionError: a row does not say exactly the frame's columns.
    """
    names = [f.name for f in fields(frame)]  # type: ignore[arg-type]
    for row in rows:
        if set(row) != set(names):
            raise RegionError(f"planted case: expected columns {names}, found {sorted(row)}")
    columns: dict[str, Array] = {}
    for name in names:
        array: Array = getattr(frame, name)
        added = np.empty(len(rows), array.dtype)
        added[:] = [row[name] for row in rows]
        columns[name] = np.concatenate([array, added])
    return replace(frame, **columns)  # type: ignore[type-var]


def _moment(value: Any) -> np.datetime64:
    if isinstance(value, datetime):
        return np.datetime64(value, "m")
    return np.datetime64(str(value).replace(" ", "T"), "m")


def _navigator_rows(truth: Truth, rows: list[Row]) -> list[Row]:
    year, found = truth.world.year, []
    for row in rows:
        host = truth.navigators.leading(row["territory"])[0]
        found.append(
            {
                "number": row["number"],
                "territory": row["territory"],
                "school": truth.navigators.school[host],
                "kind": CONTINUING,
                "last": "Образцова",
                "first": "Вера",
                "middle": "Петровна",
                "email": f"obraztsova.{row['number']}@{MAIL_DOMAIN}",
                "position": "учитель технологии",
                "cohort": year - 1,
                "registered_on": day(f"{year - 1}-09-15"),
                "confirmed_on": day(f"{year}-03-01"),
                "gone_on": NEVER,
            }
        )
    return found


def _dated(row: Row) -> Row:
    """Dates of YAML as numpy's; absent ones are never."""
    return {k: day(v) if isinstance(v, date) else v for k, v in row.items()}


def _pupil_row(truth: Truth, case: Row, navigators: Navigators) -> Row:
    position = {int(n): i for i, n in enumerate(navigators.number)}
    navigator = position[int(case["navigator"])]
    new = position[int(case.get("new_navigator") or case["navigator"])]
    keeps = case.get("keeps_navigator", True)
    entered = case["enters_on"]
    registered = entered if case["status"] == "new" else day(f"{case['cohort']}-10-05")
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
        "cohort": case["cohort"],
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
        full = _dated(cases["pupil_defaults"] | case)
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
    position = {int(n): i for i, n in enumerate(navigators.number)}
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
                "published_at": _moment(row["published"]),
                "is_cancelled": False,
                "direction": 0,
                "name_no": 0,
                "place_no": 1,
            }
        )
    return found


def _record_rows(truth: Truth, rows: list[Row], pupils: Pupils) -> list[Row]:
    position = {int(n): i for i, n in enumerate(pupils.number)}
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


def plant(truth: Truth) -> Truth:
    """The truth with the cases of `cases.yml`.

    Raises:
        RegionError: a case names a column that the truth does not have.
    """
    cases = load_yaml("cases.yml")
    navigators = appended(truth.navigators, _navigator_rows(truth, cases["navigators"]))
    pupils = appended(truth.pupils, _pupil_rows(truth, cases, navigators))
    return replace(
        truth,
        navigators=navigators,
        pupils=pupils,
        events=appended(truth.events, _event_rows(truth, cases["events"], navigators)),
        participations=appended(truth.participations, _record_rows(truth, cases["events"], pupils)),
    )
