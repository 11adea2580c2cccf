"""The morning's list of deadlines, kept beside the data: what the DAG and `bvb watch` call.

What enters: a day. What leaves: a `Watch`, and its counts without names for the log of a task.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

from ingest.deliveries import write_atomically
from ingest.orders import order_at
from ingest.reference import load_reference
from ingest.settings import Settings, load_settings

if TYPE_CHECKING:
    from warehouse.watch import Watch


def watch_day(day: date, settings: Settings | None = None) -> Watch:
    """List what falls due on a day and keep the list; a day off has nothing to remind of."""
    from warehouse.watch import Watch, watch

    settings = settings or load_settings()
    order = order_at(day)
    if order is None or not load_reference(order.order_id).calendar.is_working(day):
        found = Watch(day, None, ())
    else:
        ahead = f"{load_reference(order.order_id).parameter('watch_days_wd')}"
        found = watch(settings, day, tuple(int(text) for text in ahead.split(",")))
    text = json.dumps(asdict(found), ensure_ascii=False, indent=1, default=str)
    write_atomically(settings.outcomes / "watch" / f"{day}.json", text.encode())
    return found


def watch_counts(day: str) -> dict[str, int]:
    """How many control points fall due in so many working days, and how many are overdue."""
    counts: dict[str, int] = {}
    for item in watch_day(date.fromisoformat(day)).reminders:
        name = "overdue" if item.days_left < 0 else f"due_in_{item.days_left}_wd"
        counts[name] = counts.get(name, 0) + 1
    return counts
