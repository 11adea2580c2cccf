"""What should have come: forms × senders with their due dates, derived from the forms' cadence.

What enters: a run. What leaves: one row per expected delivery; absence is never read as zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ingest.forms import Form, Sender, load_forms
from ingest.reference import Reference
from ingest.routing import month_end
from ingest.runs import RunContext


class UnknownControlPoint(Exception):
    """A form's due date points to a control point that the order does not have."""


@dataclass(frozen=True)
class Expected:
    """One delivery that somebody owes."""

    form_code: str
    form_title: str
    sender_kind: str
    sender_territory_id: int
    period: str
    due_on: date
    is_due: bool


def due_date(form: Form, reference: Reference, as_of: date) -> date:
    """By when a form is owed for the period of `as_of`; a non-working date moves on (Q-03).

    Raises:
        UnknownControlPoint: the form names a control point that is not in the seed.
    """
    if form.due_control_point is None:
        return reference.calendar.add_working_days(as_of, form.due_working_day or 0)
    for point in reference.control_points:
        if point["control_id"] == form.due_control_point:
            return reference.calendar.next_working_day(date.fromisoformat(point["due_date"]))
    raise UnknownControlPoint(
        f"form {form.code}: expected control point {form.due_control_point!r} in "
        "dbt_project/seeds/control_points.csv; correct the form's YAML or the seed"
    )


def _is_owed(form: Form, due: date, run: RunContext) -> bool:
    if form.cadence == "once":
        return due <= run.as_of
    return run.as_of.month >= form.first_month


def _senders(form: Form, reference: Reference) -> list[int]:
    if form.sender is not Sender.TERRITORY:
        return [0]
    return [territory.territory_id for territory in reference.territories]


def expected_deliveries(run: RunContext) -> list[Expected]:
    """Everything owed for the run's date, by form and sender.

    Platform exports are owed as of the very date; territories and the operator close months, so
    for a control date inside a month theirs is owed after the month's end.
    """
    rows: list[Expected] = []
    for form in load_forms().values():
        month = f"{run.as_of:%Y-%m}"
        closes_on = run.as_of if form.sender is Sender.PLATFORM else month_end(month)
        due = due_date(form, run.reference, closes_on)
        if not _is_owed(form, due, run):
            continue
        period = f"{run.as_of}" if form.sender is Sender.PLATFORM else month
        rows += [
            Expected(
                form_code=form.code,
                form_title=form.title,
                sender_kind=str(form.sender),
                sender_territory_id=sender,
                period=f"{due:%Y-%m}" if form.cadence == "once" else period,
                due_on=due,
                is_due=due <= run.known_at.date(),
            )
            for sender in _senders(form, run.reference)
        ]
    return rows
