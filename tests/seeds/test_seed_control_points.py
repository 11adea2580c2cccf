"""Control points: the terms of the roadmap as printed go in, the dated duties come out."""

from __future__ import annotations

import calendar
import re
from collections import Counter, defaultdict
from datetime import date

import pytest

from ingest.reference import read_seed

from .order_text import RoadmapItem, roadmap

MONTHS = (
    *("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август"),
    *("сентябр", "октябр", "ноябр", "декабр"),
)
_DATE = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})")
_MONTH = re.compile(rf"\b({'|'.join(MONTHS)})[йьяти]?\b")

POINTS: dict[str, list[dict[str, str]]] = defaultdict(list)
for row in read_seed("control_points"):
    POINTS[row["item"]].append(row)


def days_of(points: list[dict[str, str]]) -> set[date]:
    names = ("due_date", "period_start", "period_end")
    return {date.fromisoformat(p[n]) for p in points for n in names if p[n]}


def printed_days(term: str) -> set[date]:
    return {date(int(y), int(m), int(d)) for d, m, y in _DATE.findall(term)}


def named_months(term: str) -> list[int]:
    return [MONTHS.index(stem) + 1 for stem in _MONTH.findall(term)]


def month(number: int) -> tuple[date, date]:
    return date(2024, number, 1), date(2024, number, calendar.monthrange(2024, number)[1])


def kind_of(item: RoadmapItem) -> str:
    if "ежемесячно" in item.term:
        return "monthly"
    if printed_days(item.term):
        return "dated"
    return "months" if "учебный год" not in item.term and named_months(item.term) else "other"


def of_kind(kind: str) -> list[RoadmapItem]:
    return [item for item in roadmap() if kind_of(item) == kind]


def test_every_item_has_its_points_and_the_order_itself_two() -> None:
    assert set(POINTS) == {str(n) for n in range(1, 39)} | {"order p.5.1)", "order p.6.1)"}
    assert Counter(map(kind_of, roadmap())) == {"dated": 26, "months": 6, "monthly": 3, "other": 3}


@pytest.mark.parametrize("item", of_kind("dated"), ids=lambda item: str(item.number))
def test_printed_dates_are_the_dates_of_the_points(item: RoadmapItem) -> None:
    points = POINTS[str(item.number)]
    assert days_of(points) == printed_days(item.term)
    spans = item.term.count(" – ") + item.term.count(" - ")
    assert len(points) == len(printed_days(item.term)) - spans


@pytest.mark.parametrize("item", of_kind("months"), ids=lambda item: str(item.number))
def test_named_months_are_the_periods_of_the_points(item: RoadmapItem) -> None:
    points, numbers = POINTS[str(item.number)], named_months(item.term)
    if len(points) == 1:  # one period from the first month to the last
        expected = [(month(numbers[0])[0], month(numbers[-1])[1])]
    else:
        expected = [month(number) for number in numbers]
    found = [
        (date.fromisoformat(p["period_start"]), date.fromisoformat(p["period_end"])) for p in points
    ]
    assert found == expected
    assert all(p["inference_note"] for p in points)  # the order prints no day


@pytest.mark.parametrize("item", of_kind("monthly"), ids=lambda item: str(item.number))
def test_monthly_duties_run_from_may_to_december(item: RoadmapItem) -> None:
    points = [p for p in POINTS[str(item.number)] if p["kind"] == "monthly"]
    spans = {(p["period_start"], p["period_end"]) for p in points}
    assert spans == {(str(a), str(b)) for a, b in map(month, range(5, 13))}
    # Two reports a month: 11 to the platform and to the Ministry, 38 to the Ministry and the fund.
    assert len(points) == 8 * (1 if item.number == 37 else 2)
    rest = {p["due_date"] for p in POINTS[str(item.number)] if p["kind"] != "monthly"}
    assert rest == {str(day) for day in printed_days(item.term)}


def test_terms_without_a_day_are_told_apart() -> None:
    found = {item.number: POINTS[str(item.number)][0]["kind"] for item in of_kind("other")}
    assert found == {10: "per_event_working_days", 24: "external_plan", 36: "period"}


def test_the_order_itself_sets_one_day_for_coordinators() -> None:
    assert days_of(POINTS["order p.5.1)"] + POINTS["order p.6.1)"]) == {date(2024, 5, 6)}
