"""The order as data: seeds read once for the rooms that do not speak dbt.

What enters: `dbt_project/seeds/*.csv`. What leaves: a frozen `Reference` of one order.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from ingest.calendar import Calendar

SEEDS_DIR = Path(__file__).resolve().parents[1] / "dbt_project" / "seeds"
DEFAULT_ORDER_ID = "r-423-2024"

ParameterValue = int | str | bool | date


class SeedMissing(Exception):
    """A seed file, an order or a parameter is not there."""


class SeedBroken(Exception):
    """A seed holds a value that is not of its type."""


@dataclass(frozen=True)
class Territory:
    """One row of the order's table: a municipality or a state school."""

    territory_id: int
    name: str
    kind: str
    parent_territory_id: int | None


@dataclass(frozen=True)
class Alias:
    """Another name of a territory."""

    territory_id: int
    text: str
    kind: str


@dataclass(frozen=True)
class Reference:
    """Everything about one order that ingestion, checks and the synthetic region need."""

    order_id: str
    order: dict[str, str]
    territories: list[Territory]
    aliases: list[Alias]
    targets: dict[tuple[int, str], int]
    parameters: dict[str, ParameterValue]
    control_points: list[dict[str, str]]
    calendar: Calendar

    def parameter(self, name: str) -> ParameterValue:
        """A parameter of the decision register, typed as the seed says.

        Raises:
            SeedMissing: the order has no such parameter.
        """
        try:
            return self.parameters[name]
        except KeyError:
            raise SeedMissing(
                f"expected parameter {name!r} of order {self.order_id}, found "
                f"{sorted(self.parameters)}; add it to dbt_project/seeds/parameters.csv"
            ) from None

    def number(self, name: str) -> int:
        """A whole-number parameter."""
        value = self.parameter(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise SeedMissing(f"parameter {name}: expected a whole number, found {value!r}")
        return value

    def day(self, name: str) -> date:
        """A date parameter."""
        value = self.parameter(name)
        if not isinstance(value, date):
            raise SeedMissing(f"parameter {name}: expected a date, found {value!r}")
        return value

    def territory(self, territory_id: int) -> Territory:
        """A territory by its number in the order's table."""
        for territory in self.territories:
            if territory.territory_id == territory_id:
                return territory
        raise SeedMissing(f"order {self.order_id} has no territory {territory_id}")


def read_seed(name: str, folder: Path = SEEDS_DIR) -> list[dict[str, str]]:
    """Rows of one seed as text.

    Raises:
        SeedMissing: there is no such file.
    """
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise SeedMissing(
            f"expected seed {path.name} in dbt_project/seeds, found "
            f"{sorted(p.name for p in folder.glob('*.csv'))}; restore it from version control"
        )
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def seeds_fingerprint(folder: Path = SEEDS_DIR) -> str:
    """One hash over all seed files: part of what makes a load what it is."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.csv")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _typed(value: str, kind: str) -> ParameterValue:
    if kind == "int":
        return int(value)
    if kind == "bool":
        return _flag(value)
    if kind == "date":
        return date.fromisoformat(value)
    return value


def _flag(value: str) -> bool:
    try:
        return {"true": True, "false": False}[value.lower()]
    except KeyError:
        raise SeedBroken(f"expected true or false in a seed, found {value!r}") from None


def _of_order(name: str, order_id: str, folder: Path) -> Iterator[dict[str, str]]:
    return (row for row in read_seed(name, folder) if row["order_id"] == order_id)


def _orders(order_id: str, folder: Path) -> dict[str, str]:
    orders = {row["order_id"]: row for row in read_seed("orders", folder)}
    if order_id not in orders:
        raise SeedMissing(f"expected order {order_id!r} in orders.csv, found {sorted(orders)}")
    return orders[order_id]


@cache
def load_reference(order_id: str = DEFAULT_ORDER_ID, folder: Path = SEEDS_DIR) -> Reference:
    """The reference of one order.

    Raises:
        SeedMissing: a seed or the order is not there.
    """
    order = _orders(order_id, folder)
    return Reference(
        order_id=order_id,
        order=order,
        territories=[
            Territory(
                int(row["territory_id"]),
                row["name"],
                row["kind"],
                int(row["parent_territory_id"]) if row["parent_territory_id"] else None,
            )
            for row in _of_order("territories", order_id, folder)
        ],
        aliases=[
            Alias(int(row["territory_id"]), row["alias"], row["kind"])
            for row in _of_order("territory_aliases", order_id, folder)
        ],
        targets={
            (int(row["territory_id"]), row["column_code"]): int(row["value"])
            for row in _of_order("targets", order_id, folder)
        },
        parameters={
            row["name"]: _typed(row["value"], row["value_type"])
            for row in _of_order("parameters", order_id, folder)
        },
        control_points=list(_of_order("control_points", order_id, folder)),
        calendar=Calendar(
            {
                date.fromisoformat(row["date"]): _flag(row["is_working"])
                for row in read_seed("calendar", folder)
            }
        ),
    )
