"""Which run is meant: from what a person, a schedule or the command line says to a `RunContext`.

What enters: texts of a date and a moment, a partition, the time of asking. What leaves: the run, or
a sentence that says what was expected.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from bvb.clock import moscow_now
from ingest.calendar import month_end
from ingest.decisions import last_decided_at
from ingest.landing import all_landed
from ingest.runs import RunContext, freeze_moment, make_run
from ingest.schedule import all_run_dates
from ingest.settings import MOSCOW, Settings, load_settings

_MORNING = time(6, 0)
# Two control dates may freeze on one evening: their runs start one after another.
_APART = timedelta(minutes=10)


class RunNotUnderstood(Exception):
    """The date or the moment of a run is not written as expected."""


class DateInFuture(Exception):
    """A run of a day that has not come yet: its files cannot exist."""


def resolve_as_of(
    as_of: str | None, partition_key: str | None, asked_at: datetime | None = None
) -> date:
    """The run's date: given, else the end of the partition's month, else of the last month.

    Args:
        as_of: `YYYY-MM-DD` from the form or the command line.
        partition_key: `YYYY-MM` of a scheduled run.
        asked_at: when a run without both was asked for.

    Raises:
        RunNotUnderstood: nothing says a date.
    """
    try:
        if as_of:
            return date.fromisoformat(as_of)
        if partition_key:
            return month_end(partition_key)
    except ValueError as error:
        raise RunNotUnderstood(
            f"expected a date YYYY-MM-DD or a month YYYY-MM, found {as_of or partition_key!r}"
        ) from error
    if asked_at:
        return asked_at.astimezone(MOSCOW).date().replace(day=1) - timedelta(days=1)
    raise RunNotUnderstood(
        "expected a date: give as_of=YYYY-MM-DD in the form, or let the monthly schedule run"
    )


def control_moments() -> dict[datetime, date]:
    """When the runs of control dates start → their dates, over all orders.

    A run starts on the morning after its freeze, when everything that counts has come; month ends
    belong to the monthly DAG.
    """
    found: dict[datetime, date] = {}
    for reference, as_of in all_run_dates():
        if (as_of + timedelta(days=1)).day == 1:
            continue
        day = freeze_moment(reference, as_of).date() + timedelta(days=1)
        moment = datetime.combine(day, _MORNING, tzinfo=MOSCOW)
        while moment in found:
            moment += _APART
        found[moment] = as_of
    return found


def resolve_control_date(as_of: str | None, asked_at: datetime | None) -> date:
    """The date of a control run: given, else the one whose turn it was at `asked_at`.

    Raises:
        RunNotUnderstood: no control date had come by then.
    """
    if as_of or asked_at is None:
        return resolve_as_of(as_of, None)
    passed = [(moment, day) for moment, day in control_moments().items() if moment <= asked_at]
    if not passed:
        raise RunNotUnderstood(
            f"expected a moment after the first control date, found {asked_at}; "
            "give as_of=YYYY-MM-DD in the form"
        )
    return max(passed)[1]


def _latest(settings: Settings) -> datetime | None:
    moments = [item.received_at for item in all_landed(settings)]
    decided = last_decided_at(settings)
    return max([*moments, *([decided] if decided else [])], default=None)


def open_run(
    as_of: date, known_at: str | None = None, settings: Settings | None = None
) -> RunContext:
    """The run of a date at a moment, `latest` (all that came or was decided), or the freeze.

    Raises:
        RunNotUnderstood: the moment is not ISO 8601.
        DateInFuture: the date has not come yet.
    """
    settings = settings or load_settings()
    today = moscow_now().date()
    if as_of > today:
        raise DateInFuture(
            f"expected a date up to today, {today}, found {as_of}; "
            "run it when that day is over: no file of it can exist yet"
        )
    moment: datetime | None = None
    if known_at == "latest":
        moment = _latest(settings)
    elif known_at:
        try:
            moment = datetime.fromisoformat(known_at)
        except ValueError as error:
            raise RunNotUnderstood(
                f"expected a moment such as 2024-10-03T18:00, or latest; found {known_at!r}"
            ) from error
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=MOSCOW)
    return make_run(settings, as_of, moment)
