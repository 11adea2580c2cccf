"""What falls due soon, and who still owes it: the deadline watch.

What enters: a day and the newest published roadmap. What leaves: `Reminder` objects by due day;
with nothing published, the order's own dates without names. No personal data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from ingest.orders import order_at
from ingest.reference import Reference, load_reference
from ingest.settings import Settings
from ingest.sql import sql_text
from warehouse.history import Previous, find_previous

OVERDUE = -1
ROADMAP = "mart_roadmap.parquet"


@dataclass(frozen=True)
class OpenPoint:
    """A control point that one territory (0: the region) has not met."""

    control_id: str
    item: str
    title: str
    due_on: date
    territory_name: str = ""
    territory_id: int = 0
    status: str = "no_data"
    measure: str = ""  # how far it is, in words
    unit: str = ""


@dataclass(frozen=True)
class Reminder:
    """One control point that is near or past its day."""

    control_id: str
    item: str
    title: str
    due_on: date
    days_left: int  # working days; OVERDUE when the day is over
    owing: tuple[str, ...]
    is_known: bool  # whether somebody's state is known, or only the date


@dataclass(frozen=True)
class Watch:
    """The list of a day; `as_of` is the date of the roadmap that it was read from."""

    day: date
    as_of: date | None
    reminders: tuple[Reminder, ...]

    def due_in(self, days: int) -> list[Reminder]:
        """What falls due in exactly so many working days."""
        return [item for item in self.reminders if item.days_left == days]


def _roadmap(settings: Settings, order_id: str, day: date) -> Previous | None:
    """The newest publication up to a day that has a roadmap."""
    found = find_previous(settings, order_id, day + timedelta(days=1))
    return found if found and (found.folder / ROADMAP).exists() else None


def _open(version: Path) -> list[OpenPoint]:
    """Everything open in a published roadmap."""
    query = f"""
        select control_id, item, item_title, grace_on, territory_name, territory_id,
            status, evidence_text, unit
        from read_parquet({sql_text(str(version / ROADMAP))})
        where status in ('not_due', 'due_soon', 'overdue', 'no_data')
            and grace_on is not null and not is_waived
        order by grace_on, control_id, territory_id"""
    with duckdb.connect() as connection:
        return [OpenPoint(*row) for row in connection.execute(query).fetchall()]


def _dates_only(reference: Reference) -> list[OpenPoint]:
    return [
        OpenPoint(row["control_id"], row["item"], "", date.fromisoformat(row["next_working_day"]))
        for row in reference.control_points
        if row["next_working_day"]
    ]


def open_points(
    settings: Settings, order_id: str, day: date
) -> tuple[date | None, list[OpenPoint]]:
    """Open points of the newest roadmap published for a date up to `day`, and that date.

    With nothing published: no date and no points.
    """
    published = _roadmap(settings, order_id, day)
    return (published.as_of, _open(published.folder)) if published else (None, [])


def _left(reference: Reference, day: date, due_on: date) -> int:
    left = reference.calendar.working_days_between(day, due_on)
    return OVERDUE if due_on < day else left


def watch(settings: Settings, day: date, days: tuple[int, ...]) -> Watch:
    """What falls due in the given numbers of working days, and what is overdue.

    Args:
        settings: where the marts lie.
        day: the day of the watch.
        days: working days ahead, for example (10, 3, 0).
    """
    order = order_at(day)
    if order is None:
        return Watch(day, None, ())
    reference = load_reference(order.order_id)
    as_of, points = open_points(settings, order.order_id, day)
    found: dict[tuple[str, date], list[str]] = {}
    titles: dict[str, tuple[str, str]] = {}
    for point in points if as_of else _dates_only(reference):
        titles[point.control_id] = (point.item, point.title)
        found.setdefault((point.control_id, point.due_on), []).append(point.territory_name)
    reminders = [
        Reminder(
            control_id,
            *titles[control_id],
            due_on,
            _left(reference, day, due_on),
            tuple(filter(None, owing)),
            as_of is not None,
        )
        for (control_id, due_on), owing in found.items()
    ]
    wanted = [r for r in reminders if r.days_left in days]
    if as_of:
        wanted += [r for r in reminders if r.days_left == OVERDUE]
    wanted.sort(key=lambda r: (r.days_left, r.due_on, r.control_id))
    return Watch(day, as_of, tuple(wanted))
