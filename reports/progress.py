"""The eight indicators of 66 territories and the region, with a state that a reader can act on.

What enters: `mart_indicator_progress` of a `MartSet`. What leaves: frozen `Figure`s; the numbers
are the mart's own, only the traffic light (pace by the working calendar) is added here.
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
REPORTED, NOT_REPORTED = "reported", "not_reported"
NEEDED = {
    "territory_id", "indicator_id", "territory_name", "territory_kind", "indicator_name",
    "target", "target_declared", "fact", "fact_confirmed", "fact_sum_of_territories",
    "value_status", "pct_display", "gap", "needed_per_working_day", "deadline", "is_met",
    "n_expected", "n_reported",
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
    n_expected: int | None
    n_reported: int | None
    value_status: str
    status: str

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


def pace_share(card: OrderCard, as_of: date, deadline: date) -> Decimal:
    """Share of working days gone by `as_of` between the order and the deadline, 0..1."""
    whole = card.calendar.working_days_between(card.signed_on, deadline)
    gone = card.calendar.working_days_between(card.signed_on, as_of)
    return Decimal(1) if whole == 0 else min(Decimal(1), Decimal(gone) / Decimal(whole))


def _value_status(row: Row) -> str:
    """Whether a fact came: the mart's own word, never «reported» without a number."""
    status = text(row["value_status"])
    return NOT_REPORTED if status == REPORTED and row["fact"] is None else status


def _status(card: OrderCard, as_of: date, row: Row, deadline: date) -> str:
    target, fact = integer(row["target"]), integer(row["fact"])
    if target == 0:
        return "no_target"
    value_status = _value_status(row)
    if value_status != REPORTED or fact is None or target is None:
        return value_status if value_status != REPORTED else NOT_REPORTED
    if row["is_met"]:
        return "met"
    if as_of >= card.calendar.next_working_day(deadline):
        return "overdue"
    due = target * pace_share(card, as_of, deadline)
    if fact >= due:
        return "on_pace"
    return "near" if fact >= due * Decimal(words().pace.near_share) else "behind"


def _figure(card: OrderCard, as_of: date, row: Row) -> Figure:
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
        n_expected=integer(row["n_expected"]),
        n_reported=integer(row["n_reported"]),
        value_status=_value_status(row),
        status=_status(card, as_of, row, deadline),
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
    grouped = _group(card, (_figure(card, marts.as_of, row) for row in marts.rows(ANCHOR)))
    territories = tuple(row for key, row in grouped.items() if key != REGION)
    return Progress(grouped[REGION], territories)
