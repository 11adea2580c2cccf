"""Who is furthest behind: one list for the workbook, the page and the terminal.

What enters: `Progress`. What leaves: territories from the weakest on, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from reports.formats import FULL, shown_percent
from reports.progress import Figure, Progress


@dataclass(frozen=True)
class Laggard:
    """A territory with its mean percentage over the targets that it has."""

    territory_id: int
    name: str
    mean: Decimal
    met: int
    targeted: int
    worst: Figure


def _known(row: tuple[Figure, ...]) -> list[Figure]:
    # Sums of two indicators would count the same people twice in the mean.
    return [
        item
        for item in row
        if item.indicator.is_printed and item.is_targeted and item.pct is not None
    ]


def _share(item: Figure) -> Decimal:
    return min(item.pct or Decimal(0), FULL)


def laggards(progress: Progress) -> list[Laggard]:
    """All territories with at least one known target, the weakest first."""
    found = []
    for row in progress.territories:
        known = _known(row)
        if not known:
            continue
        mean = sum((_share(item) for item in known), Decimal(0)) / len(known)
        met = sum(1 for item in known if item.is_met)
        found.append(
            Laggard(
                territory_id=row[0].territory_id,
                name=row[0].territory_name,
                mean=shown_percent(mean, complete=met == len(known)),
                met=met,
                targeted=len(known),
                worst=min(known, key=lambda item: (_share(item), item.indicator.position)),
            )
        )
    return sorted(found, key=lambda item: (item.mean, item.territory_id))


@dataclass(frozen=True)
class Reach:
    """How many territories met an indicator, had a target, and sent nothing."""

    met: int
    targeted: int
    missing: int


def reach(progress: Progress, indicator_id: str) -> Reach:
    """Count territories for one indicator; target 0 is left out (Q-16)."""
    figures = progress.of_indicator(indicator_id)
    return Reach(
        met=sum(1 for item in figures if item.is_targeted and item.is_met),
        targeted=sum(1 for item in figures if item.is_targeted),
        missing=sum(1 for item in figures if not item.is_known),
    )
