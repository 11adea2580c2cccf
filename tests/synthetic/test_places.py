"""Places, courses and registers agree with the events and people of the other forms."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from ingest.reference import load_reference
from ingest.schedule import duties
from synthetic.config import load_yaml
from tests.synthetic.conftest import Region

REFERENCE = load_reference()
REGION = load_yaml("region.yml")
Row = dict[str, Any]


def keyed(region: Region, form: str, column: str) -> dict[str, Row]:
    rows = region.typed(form)
    found = {str(row[column]): row for row in rows}
    assert len(found) == len(rows)
    return found


def referred(rows: list[Row], column: str) -> set[str]:
    return {row[column] for row in rows if row[column] is not None}


@pytest.mark.parametrize("form", ["P04", "P09"])
def test_every_place_exists_but_the_planted_ones(november: Region, form: str) -> None:
    rows = november.typed(form)
    gaps = {
        "venue_id": ("P07", {"V904"}),
        "partner_id": ("P10", {"W904"}),
        "programme_id": ("P08", {"PR2712"}),
        "slot_id": ("P09", {"L9000067"} if form == "P04" else set()),
    }
    for column, (listed, planted) in gaps.items():
        known = set(keyed(november, listed, column))
        assert referred(rows, column) - known == planted, column
        assert len(referred(rows, column)) > 40


def test_a_slot_says_of_its_event_what_the_event_says(november: Region) -> None:
    slots = keyed(november, "P09", "slot_id")
    linked = [e for e in november.typed("P04") if e["slot_id"] in slots]
    assert len(linked) > 200
    for event in linked:
        slot = slots[str(event["slot_id"])]
        for column in ("venue_id", "partner_id", "programme_id", "n_enrolled"):
            assert slot[column] == event[column], (column, event)
        assert (slot["slot_on"], slot["starts_at"]) == (event["event_on"], event["starts_at"])
        assert slot["published_at"].date() < event["event_on"]
        is_trial = slot["slot_kind"] == "trial"
        assert (slot["venue_id"] is not None) is is_trial
        assert (slot["partner_id"] is not None) is not is_trial


def test_who_comes_mostly_finds_a_seat(november: Region) -> None:
    slots = keyed(november, "P09", "slot_id")
    events = [e for e in november.typed("P04") if e["slot_id"] in slots]
    seats = {key: slot["n_seats"] for key, slot in slots.items() if slot["n_seats"] is not None}
    over = [e for e in events if e["n_attended"] > seats.get(str(e["slot_id"]), 10_000)]
    assert "E9000068" in {e["event_id"] for e in over}
    assert len(over) < 0.05 * len(events)


def test_programmes_belong_to_venues_and_follow_the_order_of_steps(november: Region) -> None:
    venues, rows = keyed(november, "P07", "venue_id"), november.typed("P08")
    point = {p["control_id"]: p for p in REFERENCE.control_points}
    written, approved = (date.fromisoformat(point[c]["due_date"]) for c in ("28-1", "29-1"))
    begins = date.fromisoformat(point["28-1"]["period_start"])
    assert referred(rows, "venue_id") <= set(venues)
    sent = [r for r in rows if r["submitted_on"] is not None]
    assert all(r["submitted_on"] >= begins for r in sent)
    done = [r for r in sent if r["approved_on"] is not None]
    assert all(r["submitted_on"] < r["approved_on"] for r in done)
    late = {
        "written": [r for r in sent if r["submitted_on"] > written],
        "approved": [r for r in done if r["approved_on"] > approved],
        "never": [r for r in sent if r["approved_on"] is None],
        "old": [r for r in rows if r["is_carried_over"] and r["submitted_on"] is None],
    }
    assert {name for name, found in late.items() if found} == set(late)
    assert all(len(found) < 0.2 * len(rows) for found in late.values())
    assert all(r["approved_on"] < begins and r["status"] == "approved" for r in late["old"])
    assert not any(r["is_carried_over"] is None for r in rows)


def test_contracts_and_agreements_are_mostly_in_time(november: Region) -> None:
    point = {p["control_id"]: date.fromisoformat(p["due_date"] or "9999-12-31")
             for p in REFERENCE.control_points}  # fmt: skip
    contracts, partners = november.typed("K05"), november.typed("P10")
    venues = {row["inn"] for row in november.typed("P07") if row["inn"]}
    assert {row["inn"] for row in contracts} <= venues | {None}
    assert len(contracts) < len(november.typed("P07"))  # some have none
    late = [r for r in contracts if r["contract_on"] > point["26-1"]]
    without = [r for r in partners if r["agreement_on"] is None]
    afterwards = [r for r in partners if r["agreement_on"] and r["agreement_on"] > point["35-1"]]
    assert 0 < len(late) < 0.1 * len(contracts)
    assert 0 < len(without) < 0.1 * len(partners)
    assert 0 < len(afterwards) < 0.1 * len(partners)


def test_municipalities_list_partners_that_the_platform_knows(november: Region) -> None:
    partners = keyed(november, "P10", "inn")
    rows = november.typed("M07")
    assert len(rows) > 100
    for row in rows:
        assert partners[row["inn"]]["agreement_on"] == row["agreement_on"]
    assert [row["is_free"] for row in rows].count(False) == 1


def test_learners_are_the_platforms_navigators_and_the_schools_administrators(
    november: Region,
) -> None:
    rows = november.typed("P11")
    navigators = keyed(november, "P02", "navigator_id")
    schools = keyed(november, "P01", "school_id")
    assert len({(r["participant_id"], r["programme"]) for r in rows}) == len(rows)
    for row in rows:
        assert (row["participant_id"] in navigators) is (row["role"] == "navigator")
        assert (row["programme"] == "intensive_6h") is (row["role"] == "administrator")
        assert row["school_id"] in schools
        if row["role"] == "navigator":
            assert row["enrolled_on"] >= navigators[row["participant_id"]]["registered_on"] or (
                row["participant_id"].startswith("N9000")
            )
    listed = Counter(row["school_id"] for row in rows if row["role"] == "administrator")
    assert set(listed) == set(schools)


def test_courses_only_move_forward(september: Region, november: Region) -> None:
    then, now = (
        {(r["participant_id"], r["programme"]): r for r in region.typed("P11")}
        for region in (september, november)
    )
    assert set(then) < set(now)
    assert all(row["progress_pct"] <= now[key]["progress_pct"] for key, row in then.items())
    course = [
        [r for r in found.values() if r["programme"] == "course_36h"] for found in (then, now)
    ]
    finished = [sum(r["status"] == "finished" for r in rows) for rows in course]
    assert 0 < finished[0] < finished[1] < len(course[1])
    by_programme = {programme for _, programme in set(now) - set(then)}
    assert by_programme >= {"project_16h", "loyalty"}
    finished_now = [r for r in now.values() if r["status"] == "finished"]
    assert all(r["finished_on"] and r["document_no"] for r in finished_now)
    numbers = Counter(r["document_no"] for r in finished_now)
    assert [n for n, count in numbers.items() if count > 1] == [f"УД-{REGION['year']}-99001"]


def test_most_municipalities_have_somebody_in_the_project_programme(november: Region) -> None:
    sent = [d for d in november.read.values() if d.form_code == "M10"]
    reporting = [d for d in sent if d.n_rows]
    assert 45 < len(reporting) < 57
    with_certificate = november.typed("M10", "certificate_no is not null")
    assert 0.7 * len(reporting) < len(with_certificate) < len(november.typed("M10"))
    takers = {r["participant_id"] for r in november.typed("P11", "programme = 'project_16h'")}
    names = {
        " ".join(filter(None, (n["last_name"], n["first_name"], n["middle_name"])))
        for key, n in keyed(november, "P02", "navigator_id").items()
        if key in takers
    }
    assert {row["navigator_name"] for row in november.typed("M10")} <= names


def test_lists_of_schools_differ_from_the_platform_where_they_should(september: Region) -> None:
    settings = REGION["campaigns"]
    on_platform: dict[int, set[str]] = {}
    for row in september.typed("P01", "subordination = 'municipal'"):
        on_platform.setdefault(int(row["school_id"][1:3]), set()).add(row["inn"])
    silent = REGION["territories"]["silent"]["M02"]
    sent = {d.sender_territory_id: d for d in september.read.values() if d.form_code == "M02"}
    assert set(sent) == set(on_platform) - set(silent)
    listed = {row["inn"] for row in september.typed("M02")}
    for territory, inns in on_platform.items():
        if territory in silent:
            continue
        missing = len(inns - listed)
        assert missing == settings["forgotten_in_list"].get(territory, 0), territory
        extra = settings["unknown_in_list"].get(territory, 0)
        assert sent[territory].n_rows == len(inns) - missing + extra, territory


def test_outgoing_reports_have_a_row_for_each_month_and_duty(november: Region) -> None:
    settings = REGION["operator"]
    rows = november.typed("K06")
    months = {d.period for d in duties(REFERENCE) if d.form_code == "K06"}
    said = {(r["report_kind"], r["period"]) for r in rows}
    wanted = {
        (kind, month)
        for kind in ("11b", "38a", "38b")
        for month in months
        if month <= "2024-11" and f"{kind}-{month[5:]}" not in settings["missing_reports"]
    }
    assert wanted <= said
    assert {kind for kind, _ in said - wanted} == {"letter_6"}
    calendar = REFERENCE.calendar
    usual = REFERENCE.number("report_due_wd")
    late = []
    for row in rows:
        if row["report_kind"] == "letter_6" or row["sent_on"] is None:
            continue
        duty = next(
            d for d in duties(REFERENCE) if d.form_code == "K06" and d.period == row["period"]
        )
        if row["sent_on"] > calendar.add_working_days(duty.content_on, usual):
            late.append(f"{row['report_kind']}-{row['period'][5:]}")
    assert late == list(settings["late_reports"])


def test_the_study_plan_asks_for_known_methodologies(september: Region) -> None:
    rows = september.typed("R05")
    known = {m["code"] for m in REGION["diagnostics"]["methodologies"]}
    asked = referred(rows, "methodology_code")
    assert asked == known
    assert referred(september.typed("P06"), "methodology_code") <= known
    days = sorted({row["lesson_on"] for row in rows})
    assert {day.weekday() for day in days} == {4}
    assert (days[0].month, days[-1].month) == (9, 5)
    assert {(later - earlier).days for earlier, later in pairwise(days)} == {7}


def test_directions_of_programmes_are_in_the_lists_but_one(september: Region) -> None:
    listed = {row["direction"] for row in september.typed("K04")}
    assert referred(september.typed("P08"), "direction") - listed == {"Астрономия"}
    letters = {(row["addressee"], row["letter_on"]) for row in september.typed("K04")}
    assert {addressee for addressee, _ in letters} == {"ministry", "fund"}
