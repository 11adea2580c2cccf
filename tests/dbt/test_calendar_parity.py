"""Working days mean the same in SQL and in Python, over every day of every loaded year."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from ingest.calendar import Calendar, CalendarYearMissing
from ingest.reference import load_reference
from tests.dbt.conftest import Warehouse

CALENDAR = load_reference().calendar
LONGEST_TERM = 20
PAIRS = """
select from_day.date_day, to_day.date_day, {{ %s('from_day', 'to_day') }}
from {{ ref('int_calendar') }} as from_day cross join {{ ref('int_calendar') }} as to_day
"""
NTH = """
select from_day.date_day, terms.n, day.date_day
from {{ ref('int_calendar') }} as from_day
cross join range(1, %d) as terms (n)
inner join {{ ref('int_calendar') }} as day
    on {{ is_nth_working_day('day', 'from_day', 'terms.n') }}
"""
GRACE = """
select due_day.date_day, day.date_day
from {{ ref('int_calendar') }} as due_day
inner join {{ ref('int_calendar') }} as day on {{ is_grace_day('day', 'due_day') }}
"""
Answers = dict[tuple[Any, ...], Any]


@pytest.fixture(scope="module")
def ask(golden: Warehouse) -> Callable[[str], Answers]:
    """Answers of the dbt macros: the last column by all columns before it."""

    def answers(template: str) -> Answers:
        compiled = golden.dbt("compile", "--inline", template)
        assert compiled.success, compiled.exception
        rows = golden.rows(compiled.result.results[0].node.compiled_code)
        found = {tuple(row[:-1]): row[-1] for row in rows}
        assert len(found) == len(rows), "expected one answer to a question"
        return found

    return answers


def _days(calendar: Calendar) -> Iterator[date]:
    for year in calendar.years:
        first = date(year, 1, 1).toordinal()
        yield from map(date.fromordinal, range(first, date(year + 1, 1, 1).toordinal()))


DAYS = list(_days(CALENDAR))


def _answer(question: Callable[..., date], *arguments: Any) -> date | None:
    """The day, or None where the calendar ends before it."""
    try:
        return question(*arguments)
    except CalendarYearMissing:
        return None


@pytest.mark.parametrize("name", ["working_days_between", "working_days_until"])
def test_distance_of_any_two_days(name: str, ask: Callable[[str], Answers]) -> None:
    last = max(day for day in DAYS if CALENDAR.is_working(day))
    found = ask(PAIRS % name)
    assert len(found) == len(DAYS) ** 2
    # A day off after the last working day has no next one: SQL counts it, Python asks for the year.
    python = getattr(CALENDAR, name)
    wrong = [(a, b) for (a, b), n in found.items() if max(a, b) <= last and n != python(a, b)]
    assert wrong == []


def test_nth_working_day_after_every_day(ask: Callable[[str], Answers]) -> None:
    questions = [(day, n) for day in DAYS for n in range(1, LONGEST_TERM + 1)]
    expected = {asked: _answer(CALENDAR.add_working_days, *asked) for asked in questions}
    assert ask(NTH % (LONGEST_TERM + 1)) == {at: day for at, day in expected.items() if day}


def test_day_to_which_a_due_date_moves(ask: Callable[[str], Answers]) -> None:
    expected = {(day,): _answer(CALENDAR.next_working_day, day) for day in DAYS}
    assert ask(GRACE) == {at: day for at, day in expected.items() if day}


@pytest.mark.parametrize(
    ("event", "published", "late", "between"),
    [
        ("2024-04-26", "2024-05-03", 3, 3),
        ("2024-04-26", "2024-05-04", 4, 3),  # a Saturday: the third working day has gone by
        ("2024-04-26", "2024-04-28", 2, 1),
        ("2024-05-08", "2024-05-15", 3, 3),
        ("2024-11-18", "2024-11-21", 3, 3),
        ("2024-12-27", "2025-01-10", 3, 3),  # over a turn of the year; the 28th works
        ("2024-11-18", "2024-11-18", 0, 0),
        ("2024-11-18", "2024-11-14", 0, -2),  # published before it was held
    ],
)
def test_a_day_off_is_late_but_no_working_day(
    event: str, published: str, late: int, between: int
) -> None:
    days = date.fromisoformat(event), date.fromisoformat(published)
    assert CALENDAR.working_days_until(*days) == late
    assert CALENDAR.working_days_between(*days) == between
