"""Boundary cases of the specification, found again in the files at their own numbers."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest

from ingest.reference import load_reference
from synthetic.config import load_yaml
from synthetic.people import age_reached_on, feminine
from tests.synthetic.conftest import Region

CALENDAR = load_reference().calendar
CONSENT_DAY = load_reference().day("consent_scan_due")


def pupil(region: Region, number: int) -> dict[str, Any]:
    (row,) = region.typed("P03", f"pupil_id = 'U{number:07d}'")
    return row


def event(region: Region, number: int) -> dict[str, Any]:
    (row,) = region.typed("P04", f"event_id = 'E{number:07d}'")
    return row


def visits(region: Region, number: int) -> list[dict[str, Any]]:
    rows = region.typed("P05", f"pupil_id = 'U{number:07d}'")
    trials = {r["event_id"]: r for r in region.typed("P04", "event_type = 'trial'")}
    return [row | trials[row["event_id"]] for row in rows if row["event_id"] in trials]


def municipality_of(region: Region, school: str) -> str:
    (row,) = region.typed("P01", f"school_id = '{school}'")
    return str(row["municipality"])


@pytest.mark.parametrize("kind", ["pupils", "events", "navigators"])
def test_every_case_of_the_list_stands_in_the_files(november: Region, kind: str) -> None:
    form, column = {
        "pupils": ("P03", "U{:07d}"),
        "events": ("P04", "E{:07d}"),
        "navigators": ("P02", "N{:06d}"),
    }[kind]
    key = {"pupils": "pupil_id", "events": "event_id", "navigators": "navigator_id"}[kind]
    there = {row[key] for row in november.typed(form)}
    listed = load_yaml("cases.yml")[kind]
    numbers = [case["number"] + n for case in listed for n in range(case.get("count", 1))]
    assert {column.format(number) for number in numbers} <= there
    assert all(case["why"] for case in listed)


def test_loads_of_70_and_71(september: Region) -> None:
    rows = september.typed("P03", "navigator_id in ('N900001', 'N900002')")
    assert Counter(row["navigator_id"] for row in rows) == {"N900001": 70, "N900002": 71}
    names = {(r["last_name"], r["first_name"], r["middle_name"], r["birth_date"]) for r in rows}
    assert len(names) == 141  # a crowd of different persons
    said = september.typed("P02", "navigator_id in ('N900001', 'N900002')")
    assert sorted(row["n_pupils_attached"] for row in said) == [70, 71]


def test_nobody_else_leads_more_than_the_limit(september: Region) -> None:
    rows = september.typed("P03", "navigator_id is not null")
    load = Counter(row["navigator_id"] for row in rows)
    limit = load_reference().number("load_limit")
    assert "N900002" in [who for who, count in load.items() if count > limit]


def test_birthdays_around_the_day_of_consents(september: Region) -> None:
    born = {n: pupil(september, n) for n in (9000011, 9000012, 9000013)}
    fourteen = {
        n: age_reached_on(np.array([row["birth_date"]], "datetime64[D]"), 14)[0].astype(object)
        for n, row in born.items()
    }
    assert fourteen == {
        9000011: date(2024, 9, 29),
        9000012: CONSENT_DAY,
        9000013: date(2024, 10, 1),
    }
    assert born[9000013]["consent_status"] == "missing"


@pytest.mark.parametrize(("number", "year"), [(9000014, 2008), (9000015, 2012)])
def test_born_on_29_february(september: Region, number: int, year: int) -> None:
    birth = pupil(september, number)["birth_date"]
    assert birth == date(year, 2, 29)
    (reached,) = age_reached_on(np.array([birth], "datetime64[D]"), 14)
    assert reached.astype(object) == date(year + 14, 3, 1)


def test_consents_on_the_last_day_and_a_day_late(september: Region, november: Region) -> None:
    assert pupil(september, 9000017)["consent_on"] == CONSENT_DAY
    assert pupil(september, 9000018)["consent_status"] == "missing"
    late = pupil(november, 9000018)
    assert (late["consent_status"], late["consent_on"]) == ("attached", date(2024, 10, 1))
    assert pupil(september, 9000019)["consent_status"] == "withdrawn"


def test_classes_before_and_after_the_summer(september: Region) -> None:
    assert [pupil(september, n)["grade"] for n in (9000016, 9000021)] == [6, 10]
    left = pupil(september, 9000022)
    assert (left["status"], left["grade"], left["navigator_id"]) == ("graduated_9", 9, None)


def test_one_person_with_two_accounts_and_two_persons_with_one_surname(september: Region) -> None:
    person = ("last_name", "first_name", "middle_name", "birth_date")
    twice = [[pupil(september, n)[k] for k in person] for n in (9000023, 9000024)]
    assert twice[0] == twice[1]
    twins = [[pupil(september, n)[k] for k in person] for n in (9000025, 9000026)]
    assert twins[0] != twins[1] and (twins[0][0], twins[0][3]) == (twins[1][0], twins[1][3])
    assert pupil(september, 9000027)["navigator_id"] is None


def test_a_mover_took_part_in_two_territories(november: Region) -> None:
    october, november_visit = sorted(visits(november, 9000001), key=lambda v: v["event_on"])
    places = [municipality_of(november, v["school_id_at_event"]) for v in (october, november_visit)]
    assert places == ["Химки", "Лобня"]
    assert (october["event_on"].month, november_visit["event_on"].month) == (10, 11)
    assert {v["status"] for v in (october, november_visit)} <= {"attended", "held"}
    assert municipality_of(november, pupil(november, 9000001)["school_id"]) == "Лобня"


def test_a_mover_inside_september(september: Region) -> None:
    found = visits(september, 9000002)
    places = {municipality_of(september, v["school_id_at_event"]) for v in found}
    assert (len(found), places) == (2, {"Химки", "Лобня"})


def test_state_schools_lie_inside_municipalities_under_their_own_name(september: Region) -> None:
    rows = september.typed("P01", "subordination = 'state'")
    assert len(rows) == 9
    (lyceum,) = [r for r in rows if "Балашихинский лицей" in r["full_name"]]
    assert lyceum["municipality"] == "Балашиха"
    assert pupil(september, 9000031)["school_id"] == lyceum["school_id"]
    assert len(visits(september, 9000031)) == 1
    # The target is 0 here, the fact is not.
    assert load_reference().targets[(64, "c11")] == 0
    assert len(visits(september, 9000041)) == 1


@pytest.mark.parametrize(
    ("number", "lag", "last_minute"),
    [(9000011, 3, True), (9000012, 4, False), (9000013, 3, False), (9000014, 4, False)],
)
def test_publication_in_working_days(
    september: Region, number: int, lag: int, last_minute: bool
) -> None:
    row = event(september, number)
    published: datetime = row["published_at"]
    assert CALENDAR.working_days_between(row["event_on"], published.date()) == lag
    assert (f"{published:%H:%M}" == "23:59") is last_minute


@pytest.mark.parametrize(("number", "lag"), [(9000015, 3), (9000016, 4)])
def test_publication_over_the_november_holidays(november: Region, number: int, lag: int) -> None:
    row = event(november, number)
    assert CALENDAR.working_days_between(row["event_on"], row["published_at"].date()) == lag


def test_the_window_of_facts(november: Region) -> None:
    found = {n: event(november, n) for n in (9000021, 9000022, 9000023)}
    assert [row["event_on"].day for row in found.values()] == [18, 19, 18]
    assert [row["published_at"].day for row in found.values()] == [21, 20, 22]
    assert CALENDAR.add_working_days(load_reference().day("fact_to"), 3) == date(2024, 11, 21)


def test_what_is_held_but_not_counted(september: Region) -> None:
    online, without, with_programme = (event(september, n) for n in (9000024, 9000025, 9000026))
    assert (online["event_type"], online["event_format"]) == ("trial", "online")
    assert (without["place_type"], without["programme_id"]) == ("partner_venue", None)
    assert with_programme["programme_id"] is not None


def test_who_was_enrolled_but_did_not_come(november: Region) -> None:
    (row,) = november.typed("P05", "pupil_id = 'U9000053'")
    assert row["status"] == "absent"


def test_parents_carry_names_of_mothers(september: Region) -> None:
    rows = september.typed("M04", "consent_kind = 'representative'")
    assert rows
    for row in rows:
        child, mother = (str(row[n]).split() for n in ("subject_name", "representative_name"))
        assert mother[0] == feminine(child[0])
        assert mother[2].endswith("на")
