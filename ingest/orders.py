"""Which order a day belongs to: orders follow one another and never overlap.

What enters: `orders.csv`. What leaves: the `Reference` of the order in force on a day, so that two
years live side by side in one data directory.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

from ingest.reference import SEEDS_DIR, Reference, SeedBroken, load_reference, read_seed


class OrdersOverlap(Exception):
    """Two orders claim the same day."""


class AsOfOutsideOrder(Exception):
    """A date does not belong to any order's validity."""


@dataclass(frozen=True)
class Validity:
    """One order and the days it is in force; `line` is its line of the seed."""

    order_id: str
    order_no: str
    first: date
    last: date
    line: int

    def holds(self, day: date) -> bool:
        """Whether the order is in force on the day."""
        return self.first <= day <= self.last

    @property
    def shown(self) -> str:
        """Number and days as a sender reads them."""
        return f"{self.order_no} действует с {self.first:%d.%m.%Y} по {self.last:%d.%m.%Y}"


def _validity(line: int, row: dict[str, str]) -> Validity:
    where = f"seed orders.csv, line {line}"
    try:
        first, last = (date.fromisoformat(row[name]) for name in ("valid_from", "valid_to"))
    except (KeyError, ValueError, TypeError) as error:
        raise SeedBroken(f"{where}: expected valid_from and valid_to, found {error}") from error
    if last < first:
        raise SeedBroken(f"{where}: expected valid_to after {first}, found {last}")
    return Validity(row["order_id"], row["order_no"], first, last, line)


@cache
def orders(folder: Path = SEEDS_DIR) -> tuple[Validity, ...]:
    """All orders, the oldest first.

    Raises:
        SeedBroken: a row's days are not understood.
        OrdersOverlap: two orders are in force on one day.
    """
    found = sorted(
        (_validity(line, row) for line, row in enumerate(read_seed("orders", folder), start=2)),
        key=lambda order: order.first,
    )
    for before, after in pairwise(found):
        if after.first <= before.last:
            raise OrdersOverlap(
                f"seed orders.csv: expected orders that follow one another, found {after.order_id} "
                f"(line {after.line}) from {after.first} while {before.order_id} (line "
                f"{before.line}) lasts until {before.last}; end the older one the day before"
            )
    return tuple(found)


def order_at(day: date, folder: Path = SEEDS_DIR) -> Validity | None:
    """The order in force on a day, or None."""
    return next((order for order in orders(folder) if order.holds(day)), None)


def nearest_order(day: date, folder: Path = SEEDS_DIR) -> Validity:
    """The order in force on a day; else the last one that began before it, else the first."""
    begun = [order for order in orders(folder) if order.first <= day]
    return begun[-1] if begun else orders(folder)[0]


def reference_at(day: date, folder: Path = SEEDS_DIR) -> Reference:
    """The reference of the order in force on a day.

    Raises:
        AsOfOutsideOrder: no order is.
        OrdersOverlap, SeedBroken, SeedMissing: the seeds do not fit.
    """
    found = order_at(day, folder)
    if found is None:
        known = "; ".join(f"{o.order_id} from {o.first} to {o.last}" for o in orders(folder))
        raise AsOfOutsideOrder(
            f"expected a date of an order ({known}), found {day}; "
            "choose a date of an order's year or add the order of that year to the seeds"
        )
    return load_reference(found.order_id, folder)
