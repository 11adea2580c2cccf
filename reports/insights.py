"""«Что бросается в глаза»: the few sentences that a phone call needs.

What enters: a `MartSet` and its `Progress`. What leaves: finished Russian lines with a tone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reports.config import words
from reports.formats import counted, day, number, pace_places, shown_percent
from reports.laggards import reach
from reports.marts import MartSet, Row, integer, text
from reports.progress import REGION, Figure, Progress

REFUSED = "rejected"
ABSENT = "not_received"
NOT_DUE = "not_due"


@dataclass(frozen=True)
class Insight:
    """One line: mark, tone, text."""

    key: str
    mark: str
    tone: str
    text: str


def _say(key: str, **values: object) -> Insight:
    template = words().insights[key]
    return Insight(key, template.mark, template.tone, template.text.format(**values))


def _region(marts: MartSet, mart: str, **equal: str) -> Row | None:
    for row in marts.rows(mart):
        if row["territory_id"] == REGION and all(row[k] == v for k, v in equal.items()):
            return row
    return None


def _short(item: Figure) -> str:
    return item.indicator.short_name


def _met(progress: Progress) -> Insight:
    met = [item for item in progress.region if item.is_met]
    names = f"{', '.join(_short(item) for item in met)}." if met else ""
    return _say("met", met=len(met), total=len(progress.region), names=names)


def _overdue(progress: Progress) -> Insight | None:
    late = [item for item in progress.region if item.status == "overdue"]
    if not late:
        return None
    names = "; ".join(
        f"{_short(item)} (срок {day(item.deadline)}, осталось {number(item.gap or 0)})"
        for item in late
    )
    return _say("overdue", names=names)


def _pace(progress: Progress) -> Insight | None:
    open_ones = [item for item in progress.region if item.needed]
    if not open_ones:
        return None
    top = max(open_ones, key=lambda item: (item.needed or Decimal(0), -item.indicator.position))
    needed = top.needed or Decimal(0)
    return _say(
        "pace",
        name=_short(top),
        needed=number(needed, pace_places(needed)),
        unit=top.indicator.unit,
        deadline=day(top.deadline),
        gap=number(top.gap or 0),
    )


def _per_indicator(progress: Progress, count: Callable[[str], int]) -> str:
    named = [(item, count(item.indicator.indicator_id)) for item in progress.region]
    return "; ".join(
        words().missing_names.format(name=_short(item), count=counted(found, "territories"))
        for item, found in named
        if found
    )


def _zero(progress: Progress) -> Insight | None:
    def count(indicator_id: str) -> int:
        figures = progress.of_indicator(indicator_id)
        return sum(1 for item in figures if item.is_targeted and item.fact == 0)

    names = _per_indicator(progress, count)
    return _say("zero", names=names) if names else None


def _missing(progress: Progress) -> Insight | None:
    names = _per_indicator(progress, lambda key: reach(progress, key).missing)
    return _say("missing", names=names) if names else None


def _printed(marts: MartSet) -> Insight | None:
    names = "; ".join(
        f"графа {item.column_code.removeprefix('c')}: напечатано {number(item.declared)}, "
        f"сумма {number(item.declared - item.difference)}"
        for item in marts.card.exceptions
    )
    return _say("printed", names=names) if names else None


def _movers(progress: Progress) -> Insight | None:
    names = "; ".join(
        f"{_short(item)} на {number(item.fact_sum - item.fact)}"
        for item in progress.region
        if item.fact is not None and item.fact_sum is not None and item.fact_sum > item.fact
    )
    return _say("movers", names=names) if names else None


def _load(marts: MartSet) -> Insight | None:
    region = _region(marts, "mart_navigator_load")
    over = integer(region["n_over_limit"]) if region else None
    if region is None or not over:
        return None
    rows = marts.rows("mart_navigator_load")
    places = sum(1 for row in rows if row["territory_id"] and integer(row["n_over_limit"]))
    return _say(
        "load",
        limit=integer(region["load_limit"]),
        count=counted(over, "navigators"),
        places=counted(places, "in_territories"),
        most=number(integer(region["max_load"]) or 0),
        orphans=counted(integer(region["n_pupils_without_navigator"]) or 0, "pupils"),
    )


def _consents(marts: MartSet) -> Insight | None:
    region = _region(marts, "mart_consents")
    absent = integer(region["n_scan_missing"]) if region else None
    if region is None or not absent:
        return None
    due = region["scan_due"]
    return _say(
        "consents",
        count=counted(absent, "pupils"),
        required=number(integer(region["n_consent_required"]) or 0),
        due=day(due) if isinstance(due, date) else text(due),
    )


def _publication(marts: MartSet) -> Insight | None:
    region = _region(marts, "mart_event_publication", event_month="total")
    late = integer(region["n_late"]) if region else None
    events = integer(region["n_events"]) if region else None
    if region is None or not late or not events:
        return None
    in_time = Decimal(integer(region["n_published_in_time"]) or 0)
    share = shown_percent(in_time * 100 / events, complete=False)
    return _say(
        "publication",
        late=counted(late, "events"),
        events=number(events),
        share=number(share, 1),
    )


def _deliveries(marts: MartSet) -> Insight | None:
    due = [row for row in marts.rows("mart_deliveries") if row["is_expected"]]
    due = [row for row in due if row["status"] != NOT_DUE]
    missing = sum(1 for row in due if row["status"] == ABSENT)
    refused = sum(1 for row in due if row["status"] == REFUSED)
    if not missing and not refused:
        return None
    return _say("deliveries", expected=len(due), missing=missing, rejected=refused)


def insights(marts: MartSet, progress: Progress) -> list[Insight]:
    """The lines that apply, the most important first."""
    found = [
        _met(progress),
        _overdue(progress),
        _pace(progress),
        _load(marts),
        _consents(marts),
        _publication(marts),
        _deliveries(marts),
        _zero(progress),
        _missing(progress),
        _movers(progress),
        _printed(marts),
    ]
    return [item for item in found if item is not None]
