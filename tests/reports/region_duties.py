"""Frozen marts of the invented region that the whole order brought: duties, events, partners, load.

What enters: the seeds' real territories, items and control points. What leaves: plain rows in the
shape of the marts' contract.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import cache
from typing import Any

from ingest.reference import read_seed
from tests.reports.region_sections import ORDER, Row, territories

REGION_NAME = "Московская область"
STATUSES = ("done", "done_late", "overdue", "due_soon", "not_due", "no_data")
WAIVED = 9  # a territory with a waiver
CLEAN = 3  # a territory that has done everything
FEW = 4  # below the limit under which numbers of children are not told


def _points() -> list[dict[str, str]]:
    return [row for row in read_seed("control_points") if row["order_id"] == ORDER]


@cache
def _items() -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in read_seed("roadmap_items") if row["order_id"] == ORDER}


def _duty(point: dict[str, str], place: tuple[int, str], rng: random.Random, as_of: date) -> Row:
    item = _items().get(point["item"])
    due = date.fromisoformat(point["due_date"]) if point["due_date"] else None
    status = rng.choice(STATUSES if due is None or due <= as_of else STATUSES[3:5])
    if place[0] == CLEAN:
        status = "done"
    is_done = status in ("done", "done_late")
    return {
        "control_id": point["control_id"],
        "item": point["item"],
        "item_no": int(point["item"]) if item else None,
        "item_title": item["title_ru"] if item else "Назначить координатора",
        "territory_id": place[0],
        "territory_name": place[1],
        "due_on": due,
        "grace_on": due + timedelta(days=1) if due else None,
        "status": status,
        "done_on": due if is_done else None,
        "days_slack": {"done": 2, "done_late": -3, "overdue": -5}.get(status),
        "measured": 3 if status == "overdue" else 8,
        "required": 8,
        "unit": "школ",
        "evidence_text": "нет данных (M02)" if status == "no_data" else "3 из 8, школ",
        "evidence_form": "M02",
        "evidence_delivery_id": "d1" if is_done else None,
        "evidence_row_id": "d1:1:7" if is_done else None,
        "owner": item["responsible_ru"] if item else "КУРО",
        "rule_text": "Все школы территории есть в списке.",
        "is_waived": place[0] == WAIVED and status == "overdue",
        "waiver_author": "Министерство" if place[0] == WAIVED else None,
        "waiver_reason": "Карантин" if place[0] == WAIVED else None,
        "waiver_on": due if place[0] == WAIVED else None,
    }


def roadmap(as_of: date) -> list[Row]:
    """Control points of the seed with every state."""
    rng = random.Random(38)
    places = [(number, name) for number, name, _ in territories()]
    rows = []
    for point in _points():
        here = [(0, REGION_NAME)] if point["applies_to"] == "region" else places
        rows += [_duty(point, place, rng, as_of) for place in here]
    return rows


def roadmap_region(rows: list[Row]) -> list[Row]:
    """A line an item, counted from the duties."""
    order = ("overdue", "no_data", "due_soon", "done_late", "not_due", "done")
    found = []
    for key in sorted({row["item"] for row in rows}):
        mine = [row for row in rows if row["item"] == key]
        item = _items().get(key)

        def count(*statuses: str, mine: list[Row] = mine) -> int:
            return sum(1 for row in mine if row["status"] in statuses and not row["is_waived"])

        done = [row["done_on"] for row in mine if row["done_on"]]
        near = [row["due_on"] for row in mine if row["due_on"] and not row["done_on"]]
        found.append(
            {
                "item": key,
                "item_no": mine[0]["item_no"],
                "item_title": mine[0]["item_title"],
                "term_as_printed": item["term_as_printed"] if item else None,
                "expected_result": item["expected_result_ru"] if item else None,
                "owner": mine[0]["owner"],
                "next_due_on": min(near, default=None),
                "status": next(word for word in order if count(word)),
                "n_expected": len(mine),
                "n_done": count("done"),
                "n_done_late": count("done_late"),
                "n_overdue": count("overdue"),
                "n_open": count("due_soon", "not_due"),
                "n_no_data": count("no_data"),
                "n_waived": sum(1 for row in mine if row["is_waived"]),
                "last_done_on": max(done, default=None),
                "rule_text": mine[0]["rule_text"],
            }
        )
    return found


def _with_totals(rows: list[Row], keys: tuple[str, ...], summed: tuple[str, ...]) -> list[Row]:
    """Add the region's row of every combination of keys."""
    totals: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        blank = row | {"territory_id": 0, "territory_name": REGION_NAME}
        total = totals.setdefault(key, blank | dict.fromkeys(summed, 0))
        for name in summed:
            total[name] += row[name]
    return [*rows, *totals.values()]


def event_month() -> list[Row]:
    """Events of three months and four types."""
    rng = random.Random(10)
    rows = []
    for number, name, _ in territories():
        for month in ("2024-05", "2024-08", "2024-09"):
            for kind in ("lesson", "diagnostics", "trial", "excursion"):
                if not (events := rng.choice([0, 2, 14])):
                    continue
                late = min(events, rng.choice([0, 0, 1, 2]))
                rows.append(
                    {
                        "territory_id": number,
                        "territory_name": name,
                        "event_month": month,
                        "event_type": kind,
                        "n_events": events,
                        "n_in_time": events - late,
                        "n_late": late,
                        "n_attended": events * 20,
                    }
                )
    counts = ("n_events", "n_in_time", "n_late", "n_attended")
    rows = _with_totals(rows, ("event_month", "event_type"), counts)
    for column, keys in (("event_type", "event_month"), ("event_month", "event_type")):
        sums: dict[tuple[Any, ...], Row] = {}
        for row in rows:
            key = (row["territory_id"], row[keys])
            total = sums.setdefault(key, row | {column: "total"} | dict.fromkeys(counts, 0))
            for name in counts:
                total[name] += row[name]
        rows += sums.values()
    return rows


def partner_event() -> list[Row]:
    """Two partners a territory, one without an agreement, one that nobody names."""
    rows = []
    for number, name, _ in territories():
        for turn in range(2):
            is_known = (number + turn) % 11 > 0
            rows.append(
                {
                    "partner_id": f"{5000 + number * 2 + turn}" if is_known else None,
                    "partner_name": f"АО «Завод № {number}-{turn}»" if is_known else None,
                    "inn": f"50{number:08d}" if is_known else None,
                    "territory_id": number,
                    "territory_name": name,
                    "agreement_no": f"{number}/24" if turn == 0 and is_known else None,
                    "agreement_on": date(2024, 6, 3) if turn == 0 and is_known else None,
                    "cabinet_on": date(2024, 6, 10) if turn == 0 and is_known else None,
                    "n_events": 1 + turn,
                    "n_visits": 40 + number,
                    "n_pupils": 30 + number,
                }
            )
    return rows


def partner_territory() -> list[Row]:
    """What the partners of a territory have."""
    rows = [
        {
            "territory_id": number,
            "territory_name": name,
            "n_partners": 2,
            "n_with_agreement": 1,
            "n_with_cabinet": 1,
            "n_events": 3,
            "n_visits": 80 + 2 * number,
            "n_pupils": 60 + number,
        }
        for number, name, _ in territories()
    ]
    names = ("n_partners", "n_with_agreement", "n_with_cabinet", "n_events", "n_visits", "n_pupils")
    return _with_totals(rows, (), names)


def load_shortage() -> list[Row]:
    """Who needs a navigator and who finds one."""
    rows = []
    for number, name, _ in territories():
        overflow, orphans = number % 5, number % 7
        placed = (overflow + orphans) * 2 // 3
        rows.append(
            {
                "territory_id": number,
                "territory_name": name,
                "n_overflow": overflow,
                "n_orphans": orphans,
                "n_placed_school": placed // 2,
                "n_placed_territory": placed - placed // 2,
                "n_unplaced": (unplaced := overflow + orphans - placed),
                "n_navigators_short": int(unplaced > 0),
            }
        )
    summed = (
        "n_overflow", "n_orphans", "n_placed_school", "n_placed_territory", "n_unplaced",
        "n_navigators_short",
    )  # fmt: skip
    return _with_totals(rows, (), summed)


def attachment_plan() -> list[Row]:
    """A pupil a territory, keys only."""
    return [
        {
            "territory_id": number,
            "school_id": f"{100 + number}",
            "pupil_key": f"{number:032x}",
            "pupil_row_id": f"p03:1:{number + 1}",
            "reason": "orphan" if number % 2 else "overflow",
            "from_navigator_key": None if number % 2 else f"{number + 500:032x}",
            "from_navigator_row_id": None if number % 2 else f"p02:1:{number + 50}",
            "to_navigator_key": f"{number + 900:032x}" if number % 3 else None,
            "to_navigator_row_id": f"p02:1:{number + 90}" if number % 3 else None,
            "scope": "school" if number % 3 == 1 else "territory" if number % 3 else "none",
        }
        for number, _, _ in territories()
    ]


def consent_school() -> list[Row]:
    """Two schools a territory, one with too few to be told."""
    return [
        {
            "territory_id": number,
            "territory_name": name,
            "school_id": f"{100 + number * 2 + turn}",
            "school_name": f"МБОУ СОШ № {turn + 1}",
            "n_required": 40 + number if turn else None,
            "n_missing": 6 + number if turn else None,
            "is_suppressed": not turn,
        }
        for number, name, _ in territories()
        for turn in range(2)
    ]
