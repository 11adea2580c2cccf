"""The order's schedule: dates of content, days of delivery, and lines that nobody understands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from ingest.forms import Sender, load_forms
from ingest.reference import Reference, SeedBroken
from ingest.schedule import Duty, UnknownControlPoint, duties, monthly_forms, run_dates

LINE = {
    "form_code": "P03",
    "rule": "month_end",
    "first": "2024-09",
    "last": "2024-10",
    "control_id": "",
    "due_wd": "3",
    "senders": "all",
    "_line": "7",
}


def of(reference: Reference, code: str) -> dict[date, date]:
    return {d.content_on: d.due_on for d in duties(reference) if d.form_code == code}


def with_line(reference: Reference, **changes: str) -> list[Duty]:
    return duties(replace(reference, schedule=[LINE | changes]))


def test_every_form_has_a_line(reference: Reference) -> None:
    assert {row["form_code"] for row in reference.schedule} == set(load_forms())


@pytest.mark.parametrize(
    ("code", "content", "due"),
    [
        ("P03", date(2024, 9, 16), date(2024, 9, 19)),
        ("P03", date(2024, 11, 21), date(2024, 11, 26)),  # the freeze
        ("P04", date(2024, 9, 9), date(2024, 9, 12)),  # weekly
        ("M03", date(2024, 5, 15), date(2024, 5, 15)),
        ("M05", date(2024, 9, 30), date(2024, 10, 7)),
        ("M06", date(2024, 5, 31), date(2024, 6, 7)),
        ("M06", date(2024, 10, 31), date(2024, 11, 7)),  # a working Saturday on the way
        ("M10", date(2024, 11, 30), date(2024, 12, 2)),  # a Saturday moves on
        ("M11", date(2024, 12, 31), date(2025, 1, 13)),
        ("K05", date(2024, 8, 30), date(2024, 8, 30)),
    ],
)
def test_days(reference: Reference, code: str, content: date, due: date) -> None:
    assert of(reference, code)[content] == due


def test_what_is_asked_for_has_no_day(reference: Reference) -> None:
    assert of(reference, "K09") == of(reference, "R05") == {}


def test_a_municipality_owes_what_a_state_school_does_not(reference: Reference) -> None:
    (duty,) = [d for d in duties(reference) if d.form_code == "M02"]
    owes = {t.kind: duty.is_owed_by(t) for t in reference.territories}
    assert owes == {"municipality": True, "state_school": False}


def test_monthly_forms_and_forms_with_a_day(reference: Reference) -> None:
    assert {"P01", "M04", "M11", "K06"} <= monthly_forms(reference)
    assert not {"M01", "M03", "M05", "K05", "R05"} & monthly_forms(reference)


def test_run_dates_hold_month_ends_control_dates_and_the_freeze(reference: Reference) -> None:
    days = run_dates(reference)
    assert all(a < b for a, b in pairwise(days))
    assert {date(2024, 5, 6), date(2024, 9, 16), date(2024, 9, 30), date(2024, 11, 21)} <= set(days)
    assert date(2024, 9, 9) not in days  # a weekly export only


def test_snapshots_of_a_year_are_about_as_many_as_expected(reference: Reference) -> None:
    platform = {c for c, form in load_forms().items() if form.sender is Sender.PLATFORM}
    days = {d.content_on for d in duties(reference) if d.form_code in platform}
    assert 25 <= len(days) <= 35


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rule": "monthly"}, "line 7: expected a rule out of"),
        ({"senders": "schools"}, "line 7: expected a rule out of"),
        ({"first": "сентябрь"}, "line 7: .*months YYYY-MM"),
        ({"last": "2024-08"}, "line 7: expected a last month after 2024-09"),
        ({"rule": "weekly", "first": "2024-09"}, "line 7: .*dates are YYYY-MM-DD"),
        ({"due_wd": "три"}, "line 7: "),
    ],
)
def test_a_line_nobody_understands_is_named(
    reference: Reference, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(SeedBroken, match=f"form_schedule.csv, {said}"):
        with_line(reference, **changes)


def test_an_unknown_control_point_is_named(reference: Reference) -> None:
    with pytest.raises(UnknownControlPoint, match="expected control point '99-1'"):
        with_line(reference, rule="control_point", control_id="99-1")


def test_a_date_of_two_lines_is_owed_once_by_the_later_day(reference: Reference) -> None:
    lines = [LINE, LINE | {"rule": "date", "first": "2024-09-30", "due_wd": "5"}]
    found = duties(replace(reference, schedule=lines))
    assert [d.due_on for d in found] == [date(2024, 10, 7), date(2024, 11, 5)]
