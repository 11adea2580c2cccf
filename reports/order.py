"""What the order says about itself: numbers, dates, indicators, printed totals, decisions.

What enters: the seeds of one order. What leaves: a frozen `OrderCard`; no measured facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ingest.calendar import Calendar
from ingest.reference import load_reference, read_seed
from reports.formats import day


@dataclass(frozen=True)
class Indicator:
    """One of the eight indicators."""

    indicator_id: str
    position: int
    name: str
    short_name: str
    unit: str
    column_code: str
    deadline: date

    @property
    def is_printed(self) -> bool:
        """Whether the order itself has this column (else it is a sum of two)."""
        return bool(self.column_code)

    @property
    def graph(self) -> str:
        """Number of the column in the order's table, "" for sums."""
        return self.column_code.removeprefix("c")


@dataclass(frozen=True)
class Decision:
    """A parameter of the order with the decision behind it."""

    decision_id: str
    description: str
    value: str


@dataclass(frozen=True)
class PrintedException:
    """A printed total that is not the sum of its rows."""

    column_code: str
    label: str
    indicator_id: str
    declared: int
    difference: int
    reason: str


@dataclass(frozen=True)
class OrderCard:
    """The order as the reports need it."""

    order_id: str
    order_no: str
    signed_on: date
    region_name: str
    programme_name: str
    operator_name: str
    indicators: tuple[Indicator, ...]
    decisions: tuple[Decision, ...]
    exceptions: tuple[PrintedException, ...]
    parameters: dict[str, int | str | bool | date]
    calendar: Calendar

    def indicator(self, indicator_id: str) -> Indicator:
        """The indicator by its id."""
        return next(item for item in self.indicators if item.indicator_id == indicator_id)


def fill_in(template: str, card: OrderCard) -> str:
    """Put parameters of the order into a text: {load_limit}, and the like."""
    values = {
        name: day(value) if isinstance(value, date) else value
        for name, value in card.parameters.items()
    }
    return template.format(**values)


def _rows(seed: str, order_id: str) -> list[dict[str, str]]:
    return [row for row in read_seed(seed) if row["order_id"] == order_id]


def _indicators(order_id: str) -> tuple[Indicator, ...]:
    found = [
        Indicator(
            row["indicator_id"],
            int(row["position"]),
            row["name_ru"],
            row["short_name_ru"],
            row["unit_ru"],
            row["column_code"],
            date.fromisoformat(row["deadline"]),
        )
        for row in _rows("indicators", order_id)
    ]
    return tuple(sorted(found, key=lambda item: item.position))


def _exceptions(order_id: str) -> tuple[PrintedException, ...]:
    columns = {row["column_code"]: row for row in _rows("target_columns", order_id)}
    return tuple(
        PrintedException(
            row["column_code"],
            columns[row["column_code"]]["label_ru"],
            columns[row["column_code"]]["indicator_id"],
            int(columns[row["column_code"]]["declared_total"]),
            int(row["difference"]),
            row["reason"],
        )
        for row in _rows("target_total_exceptions", order_id)
    )


def load_card(order_id: str) -> OrderCard:
    """Everything the reports show about the order.

    Raises:
        ingest.reference.SeedMissing: the seeds do not know the order.
    """
    reference = load_reference(order_id)
    order = reference.order
    return OrderCard(
        order_id=order_id,
        order_no=order["order_no"],
        signed_on=date.fromisoformat(order["signed_on"]),
        region_name=order["region_name"],
        programme_name=order["programme_name"],
        operator_name=order["operator_name"],
        indicators=_indicators(order_id),
        decisions=tuple(
            Decision(row["decision_id"], row["description_ru"], row["value"])
            for row in _rows("parameters", order_id)
        ),
        exceptions=_exceptions(order_id),
        parameters=dict(reference.parameters),
        calendar=reference.calendar,
    )
