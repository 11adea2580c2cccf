"""The eight indicators of 66 territories and the region, with a state that a reader can act on.

What enters: `mart_indicator_progress` of a `MartSet`. What leaves: frozen `Figure`s; numbers and
traffic light are the mart's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reports.config import Word, words
from reports.errors import IncompleteProgress
from reports.marts import ANCHOR, MartSet, Row, decimal, integer, text
from reports.order import Indicator, OrderCard

REGION = 0
REPORTED, NOT_REPORTED, NO_TARGET = "reported", "not_reported", "no_target"
SILENT = ("not_reported", "rejected", "not_applicable")
NEEDED = {
    "territory_id", "indicator_id", "territory_name", "territory_kind", "indicator_name",
    "target", "target_declared", "fact", "fact_confirmed", "fact_sum_of_territories",
    "value_status", "pct_display", "gap", "needed_per_working_day", "deadline", "is_met",
    "n_expected", "n_reported", "planned_by_now", "pace_status", "forecast_at_deadline",
    "forecast_met_on",
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One indicator of one territory; None is missing, never zero."""

    territory_id: int
    territory_name: str
    territory_kind: str
    indicator: Indicator
    name: str
    target: int | None
    target_declared: int | None
    fact: int | None
    fact_confirmed: int | None
    fact_sum: int | None
    pct: Decimal | None
    gap: int | None
    needed: Decimal | None
    deadline: date
    is_met: bool | None
    value_status: str
    status: str
    planned: int | None
    forecast: int | None

    @property
    def word(self) -> Word:
        """Mark, label and tone of the status."""
        return words().statuses[self.status]

    @property
    def is_targeted(self) -> bool:
        """Whether the territory has a target above zero."""
        return bool(self.target)

    @property
    def is_known(self) -> bool:
        """Whether a fact arrived."""
        return self.fact is not None


@dataclass(frozen=True)
class Progress:
    """All figures: `region` in the order of indicators, `territories` in the order's order."""

    region: tuple[Figure, ...]
    territories: tuple[tuple[Figure, ...], ...]

    def of_indicator(self, indicator_id: str) -> list[Figure]:
        """The 66 figures of one indicator."""
        return [
            figure
            for row in self.territories
            for figure in row
            if figure.indicator.indicator_id == indicator_id
        ]


def _value_status(row: Row) -> str:
    """Whether a fact came: the mart's own word, never «reported» without a number."""
    status = text(row["value_status"])
    return NOT_REPORTED if status == REPORTED and row["fact"] is None else status


def _status(row: Row) -> str:
    """The traffic light of the mart; a target of 0 asks for nothing, whether a fact came or not."""
    if integer(row["target"]) == 0:
        return NO_TARGET
    status = text(row["pace_status"])
    return NOT_REPORTED if row["fact"] is None and status not in SILENT else status


def _figure(card: OrderCard, row: Row) -> Figure:
    indicator = card.indicator(text(row["indicator_id"]))
    deadline = row["deadline"] if isinstance(row["deadline"], date) else indicator.deadline
    is_met = row["is_met"]
    return Figure(
        territory_id=integer(row["territory_id"]) or REGION,
        territory_name=text(row["territory_name"]),
        territory_kind=text(row["territory_kind"]),
        indicator=indicator,
        name=text(row["indicator_name"]),
        target=integer(row["target"]),
        target_declared=integer(row["target_declared"]),
        fact=integer(row["fact"]),
        fact_confirmed=integer(row["fact_confirmed"]),
        fact_sum=integer(row["fact_sum_of_territories"]),
        pct=decimal(row["pct_display"]),
        gap=integer(row["gap"]),
        needed=decimal(row["needed_per_working_day"]),
        deadline=deadline,
        is_met=None if is_met is None else bool(is_met),
        value_status=_value_status(row),
        status=_status(row),
        planned=integer(row["planned_by_now"]),
        forecast=integer(row["forecast_at_deadline"]),
    )


def _group(card: OrderCard, figures: Iterable[Figure]) -> dict[int, tuple[Figure, ...]]:
    by_key = {(item.territory_id, item.indicator.indicator_id): item for item in figures}
    territory_ids = sorted({territory for territory, _ in by_key} | {REGION})
    wanted = [(t, i.indicator_id) for t in territory_ids for i in card.indicators]
    missing = [key for key in wanted if key not in by_key]
    if missing:
        raise IncompleteProgress(missing, len(wanted))
    return {
        territory: tuple(by_key[territory, item.indicator_id] for item in card.indicators)
        for territory in territory_ids
    }


def load_progress(marts: MartSet) -> Progress:
    """Typed figures of the progress mart.

    Raises:
        MartColumnMissing: the mart has another shape.
        IncompleteProgress: a territory lacks an indicator.
    """
    marts.require(ANCHOR, NEEDED)
    card = marts.card
    grouped = _group(card, (_figure(card, row) for row in marts.rows(ANCHOR)))
    territories = tuple(row for key, row in grouped.items() if key != REGION)
    return Progress(grouped[REGION], territories)
