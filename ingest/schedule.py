"""When forms are owed: the order's schedule, a seed, turned into dates.

What enters: `form_schedule.csv` and the control points. What leaves: `Duty` objects: one form, one
date of content, the last day of delivery, and who owes it. Nothing here knows a form's layout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from ingest.calendar import month_end
from ingest.orders import orders
from ingest.reference import Reference, SeedBroken, Territory, load_reference

_WEEK = timedelta(days=7)
SENDERS = ("all", "municipality", "state_school")
MONTH_END, WEEKLY = "month_end", "weekly"


class UnknownControlPoint(Exception):
    """A form's due date points to a control point that the order does not have."""


@dataclass(frozen=True)
class Duty:
    """A form owed for one date of content."""

    form_code: str
    content_on: date  # as_of of a snapshot, last day of a period
    due_on: date
    rule: str
    senders: str = "all"

    @property
    def period(self) -> str:
        """The month of the content."""
        return f"{self.content_on:%Y-%m}"

    def is_owed_by(self, territory: Territory) -> bool:
        """Whether a territory of this kind sends the form."""
        return self.senders in ("all", territory.kind)


def control_point(reference: Reference, control_id: str) -> dict[str, str]:
    """A control point of the order.

    Raises:
        UnknownControlPoint: the seed names a control point that is not there.
    """
    for point in reference.control_points:
        if point["control_id"] == control_id:
            return point
    raise UnknownControlPoint(
        f"expected control point {control_id!r} in "
        "dbt_project/seeds/control_points.csv; correct form_schedule.csv or the seed"
    )


def _months(row: dict[str, str], _: Reference) -> Iterator[date]:
    end, last = month_end(row["first"]), month_end(row["last"])
    if last < end:
        raise ValueError(f"expected a last month after {row['first']}, found {row['last']}")
    while end <= last:
        yield end
        end = month_end(f"{end + timedelta(days=1)}")


def _weeks(row: dict[str, str], _: Reference) -> Iterator[date]:
    day, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
    while day <= last:
        yield day
        day += _WEEK


def _points(row: dict[str, str], reference: Reference) -> Iterator[date]:
    point = control_point(reference, row["control_id"])
    yield date.fromisoformat(point["due_date"])


def _single(row: dict[str, str], _: Reference) -> Iterator[date]:
    yield date.fromisoformat(row["first"])


def _never(_row: dict[str, str], _: Reference) -> Iterator[date]:
    yield from ()


_RULES: dict[str, Callable[[dict[str, str], Reference], Iterator[date]]] = {
    MONTH_END: _months,
    WEEKLY: _weeks,
    "control_point": _points,
    "date": _single,
    "on_request": _never,
}


def _duties(line: int, row: dict[str, str], reference: Reference) -> Iterator[Duty]:
    where = f"seed form_schedule.csv, line {line}"
    if row["rule"] not in _RULES or row["senders"] not in SENDERS:
        raise SeedBroken(
            f"{where}: expected a rule out of {sorted(_RULES)} and senders out of {SENDERS}, "
            f"found {row['rule']!r} and {row['senders']!r}"
        )
    try:
        days = list(_RULES[row["rule"]](row, reference))
        lag = int(row["due_wd"] or 0)
    except ValueError as error:
        raise SeedBroken(f"{where}: {error}; dates are YYYY-MM-DD, months YYYY-MM") from error
    calendar = reference.calendar
    for day in days:
        start = calendar.next_working_day(day) if lag == 0 else day
        due = calendar.add_working_days(start, lag)
        yield Duty(row["form_code"], day, due, row["rule"], row["senders"])


@cache
def duties(reference: Reference) -> tuple[Duty, ...]:
    """Everything that the order's schedule asks for, by form and date of content.

    A date named by two lines is owed once, by the later day.

    Raises:
        SeedBroken: a line is not understood; it is named.
        UnknownControlPoint: a line names a control point that is not in the seed.
    """
    found: dict[tuple[str, date, str], Duty] = {}
    for row in reference.schedule:
        for duty in _duties(int(row["_line"]), row, reference):
            key = (duty.form_code, duty.content_on, duty.senders)
            if key not in found or found[key].due_on < duty.due_on:
                found[key] = duty
    return tuple(sorted(found.values(), key=lambda d: (d.form_code, d.content_on, d.senders)))


def monthly_forms(reference: Reference) -> set[str]:
    """Forms that come every month; any other one is owed until it is accepted."""
    return {duty.form_code for duty in duties(reference) if duty.rule == MONTH_END}


def run_dates(reference: Reference) -> list[date]:
    """Dates of the year's runs: month ends, control dates and the freeze, in their order.

    Weekly exports only keep the newest data fresh; they ask for no run of their own.
    """
    days = {duty.content_on for duty in duties(reference) if duty.rule != WEEKLY}
    return sorted(days)


def all_run_dates() -> Iterator[tuple[Reference, date]]:
    """Run dates of every order, each with its order, as far as the order is in force on them."""
    for order in orders():
        reference = load_reference(order.order_id)
        yield from ((reference, day) for day in run_dates(reference) if order.holds(day))
