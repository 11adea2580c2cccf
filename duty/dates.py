"""What the schedule expects by a moment: days on which files were due, runs that have started."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from ingest.calendar import CalendarYearMissing
from ingest.orders import order_at
from ingest.reference import load_reference
from ingest.runs import freeze_moment
from ingest.schedule import all_run_dates, duties
from ingest.settings import MOSCOW

_MORNING = time(6)
_LOOK_BACK = timedelta(days=45)  # older dates are history: nobody waits for them any more


def last_due_day(today: date, quiet_working_days: int) -> date | None:
    """The last day on which something was due, if so many working days have passed since.

    Returns:
        None outside an order's year, or while there is still time.
    """
    order = order_at(today)
    if order is None:
        return None
    reference = load_reference(order.order_id)
    calendar = reference.calendar
    passed = {
        duty.due_on for duty in duties(reference) if today - _LOOK_BACK < duty.due_on <= today
    }
    waited = [d for d in passed if calendar.working_days_until(d, today) >= quiet_working_days]
    return max(waited, default=None)


def due_runs(now: datetime) -> Iterator[tuple[str, date, datetime]]:
    """Runs that had to have started by a moment: order, date, when.

    A run starts on the morning after the freeze of its date.
    """
    for reference, as_of in all_run_dates():
        try:
            frozen = freeze_moment(reference, as_of)
        except CalendarYearMissing:
            continue
        started = datetime.combine(frozen.date() + timedelta(days=1), _MORNING, tzinfo=MOSCOW)
        if now - _LOOK_BACK < started <= now:
            yield reference.order_id, as_of, started
