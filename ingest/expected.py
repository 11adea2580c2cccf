"""What should have come: forms × senders with their due dates, from the order's schedule.

What enters: a run. What leaves: one row per expected delivery; absence is never read as zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ingest.forms import Form, Sender, load_forms
from ingest.runs import RunContext
from ingest.schedule import MONTH_END, Duty, duties


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


def _owed(form: Form, scheduled: list[Duty], run: RunContext) -> list[Duty]:
    """Which duties of a form a run asks about.

    A snapshot: the newest one up to the run's date. A monthly form: the run's month, over or not.
    A form with a day of its own: whatever has fallen due.
    """
    if form.kind == "snapshot":
        return [duty for duty in scheduled if duty.content_on <= run.as_of][-1:]
    month = f"{run.as_of:%Y-%m}"
    return [
        duty
        for duty in scheduled
        if (duty.period == month if duty.rule == MONTH_END else duty.due_on <= run.as_of)
    ]


def _senders(form: Form, duty: Duty, run: RunContext) -> list[int]:
    if form.sender is not Sender.TERRITORY:
        return [0]
    return [t.territory_id for t in run.reference.territories if duty.is_owed_by(t)]


def expected_deliveries(run: RunContext) -> list[Expected]:
    """Everything owed for the run's date, by form and sender.

    Platform exports are owed as of scheduled dates; territories and the operator close months, so
    for a control date inside a month theirs is owed after the month's end.
    """
    by_form: dict[str, list[Duty]] = {}
    for duty in duties(run.reference):
        by_form.setdefault(duty.form_code, []).append(duty)
    return [
        Expected(
            form_code=form.code,
            form_title=form.title,
            sender_kind=str(form.sender),
            sender_territory_id=sender,
            period=f"{duty.content_on}" if form.kind == "snapshot" else duty.period,
            due_on=duty.due_on,
            is_due=duty.due_on <= run.known_at.date(),
        )
        for form in load_forms().values()
        for duty in _owed(form, by_form.get(form.code, []), run)
        for sender in _senders(form, duty, run)
    ]
