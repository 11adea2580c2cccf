"""Whether the seeds of an order agree with one another, said with file and line.

What enters: the seeds of one order. What leaves: nothing, or `SeedsDisagree` with every
contradiction found: a run on seeds that disagree would move a deadline or lose a duty silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from ingest.forms import load_forms
from ingest.reference import SEEDS_DIR, Reference, load_reference, read_seed

_ORDER_BODY = "order p."  # control points of the order's own clauses have no roadmap item


class SeedsDisagree(Exception):
    """Two seeds of an order contradict each other."""

    def __init__(self, order_id: str, found: list[str]) -> None:
        self.found = found
        super().__init__(
            f"order {order_id}: expected seeds that agree, found {len(found)} contradictions: "
            f"{'; '.join(found)}; correct the lines by the order's text"
        )


def _lines(name: str, order_id: str, folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """(place, row) of each row of an order."""
    for line, row in enumerate(read_seed(name, folder), start=2):
        if row.get("order_id") == order_id:
            yield f"{name}.csv, line {line}", row


def _days(text: str) -> list[date]:
    return [date.fromisoformat(part) for part in text.split(";") if part]


def _control_points(reference: Reference, folder: Path) -> Iterator[str]:
    items = {row["id"]: row for _, row in _lines("roadmap_items", reference.order_id, folder)}
    calendar = reference.calendar
    for place, row in _lines("control_points", reference.order_id, folder):
        item = items.get(row["item"])
        if item is None and not row["item"].startswith(_ORDER_BODY):
            yield f"{place}: item {row['item']!r} is not in roadmap_items.csv"
        if not row["due_date"]:
            continue
        due = date.fromisoformat(row["due_date"])
        if (row["due_is_working"] == "true") != calendar.is_working(due):
            yield f"{place}: due_is_working is {row['due_is_working']}, the calendar says otherwise"
        if row["next_working_day"] != f"{calendar.next_working_day(due)}":
            yield f"{place}: next_working_day {row['next_working_day']} is not the calendar's"
        named = _days(f"{item['dates']};{item['period_end']}") if item else [due]
        if due not in named:
            yield f"{place}: {due} is no date of item {row['item']} in roadmap_items.csv"


def _roadmap(reference: Reference, folder: Path) -> Iterator[str]:
    watched = {row["item"] for row in reference.control_points}
    for place, row in _lines("roadmap_items", reference.order_id, folder):
        if row["id"] not in watched:
            yield f"{place}: item {row['id']} has no control point in control_points.csv"


def _targets(reference: Reference, folder: Path) -> Iterator[str]:
    order_id = reference.order_id
    columns = {row["column_code"] for _, row in _lines("target_columns", order_id, folder)}
    indicators = {row["indicator_id"] for _, row in _lines("indicators", order_id, folder)}
    territories = {t.territory_id for t in reference.territories}
    for place, row in _lines("target_columns", order_id, folder):
        if row["role"] == "target" and row["indicator_id"] not in indicators:
            yield f"{place}: indicator {row['indicator_id']!r} is not in indicators.csv"
    for place, row in _lines("indicators", order_id, folder):
        if row["column_code"] and row["column_code"] not in columns:
            yield f"{place}: column {row['column_code']!r} is not in target_columns.csv"
    for place, row in _lines("targets", order_id, folder):
        if row["column_code"] not in columns:
            yield f"{place}: column {row['column_code']!r} is not in target_columns.csv"
        if int(row["territory_id"]) not in territories:
            yield f"{place}: territory {row['territory_id']} is not in territories.csv"


def _schedule(reference: Reference, folder: Path) -> Iterator[str]:
    points = {row["control_id"] for row in reference.control_points}
    for place, row in _lines("form_schedule", reference.order_id, folder):
        if row["form_code"] not in load_forms():
            yield f"{place}: form {row['form_code']!r} is not in ingest/forms"
        if row["control_id"] and row["control_id"] not in points:
            yield f"{place}: control point {row['control_id']!r} is not in control_points.csv"


def _parents(reference: Reference, folder: Path) -> Iterator[str]:
    territories = {t.territory_id for t in reference.territories}
    for place, row in _lines("territories", reference.order_id, folder):
        parent = row["parent_territory_id"]
        if parent and int(parent) not in territories:
            yield f"{place}: parent territory {parent} is not in the same seed"


@cache
def require_consistent(order_id: str, folder: Path = SEEDS_DIR) -> None:
    """Check the seeds of an order against one another.

    Raises:
        SeedsDisagree: they contradict each other; every place is named.
    """
    reference = load_reference(order_id, folder)
    found = [
        text
        for part in (_control_points, _roadmap, _targets, _schedule, _parents)
        for text in part(reference, folder)
    ]
    if found:
        raise SeedsDisagree(order_id, found)
