"""The order as data: seeds read once for the rooms that do not speak dbt.

What enters: `dbt_project/seeds/*.csv`. What leaves: a frozen `Reference` of one order.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

from ingest.calendar import Calendar

SEEDS_DIR = Path(__file__).resolve().parents[1] / "dbt_project" / "seeds"
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


@dataclass(frozen=True, eq=False)
class Reference:
    """Everything about one order that ingestion, checks and the synthetic region need.

    Loaded once and never changed, so what is derived from it may be kept beside it.
    """

    order_id: str
    order: dict[str, str]
    territories: list[Territory]
    aliases: list[Alias]
    targets: dict[tuple[int, str], int]
    indicator_of: dict[str, str]  # of a column of the order's table that is a plan
    parameters: dict[str, ParameterValue]
    control_points: list[dict[str, str]]
    schedule: list[dict[str, str]]  # rows of form_schedule.csv with their `_line`
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
        SeedBroken: the file is not UTF-8.
    """
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise SeedMissing(
            f"expected seed {path.name} in dbt_project/seeds, found "
            f"{sorted(p.name for p in folder.glob('*.csv'))}; restore it from version control"
        )
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))
    except UnicodeDecodeError as error:
        raise SeedBroken(
            f"seed {path.name}: expected UTF-8, found byte {error.object[error.start]:#04x} at "
            f"{error.start}; a spreadsheet program has saved it: restore it and edit it as text"
        ) from error


def seeds_fingerprint(folder: Path = SEEDS_DIR) -> str:
    """One hash over all seed files: part of what makes a load what it is."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.csv")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _flag(value: str) -> bool:
    if value.lower() not in {"true", "false"}:
        raise ValueError(value)
    return value.lower() == "true"


_KINDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "str": ("a text", str),
    "int": ("a whole number", int),
    "bool": ("true or false", _flag),
    "date": ("a date YYYY-MM-DD", date.fromisoformat),
}


def _cell(seed: str, row: dict[str, str], column: str, kind: str = "str") -> Any:
    """One cell of a seed, typed.

    Raises:
        SeedBroken: the column is not there or its text is not of the type.
    """
    where = f"seed {seed}.csv"
    if row.get(column) is None:
        found = [name for name, value in row.items() if value is not None]
        raise SeedBroken(f"{where}: expected column {column!r}, found {found}; restore the file")
    if kind not in _KINDS:
        raise SeedBroken(f"{where}: expected a type out of {list(_KINDS)}, found {kind!r}")
    expected, convert = _KINDS[kind]
    try:
        return convert(row[column])
    except ValueError as error:
        raise SeedBroken(
            f"{where}: expected {expected} in column {column!r}, found {row[column]!r} in the row "
            f"{list(row.values())[:4]}; correct it by the order's text"
        ) from error


def _of_order(name: str, order_id: str, folder: Path) -> Iterator[dict[str, str]]:
    rows = (row for row in read_seed(name, folder) if _cell(name, row, "order_id") == order_id)
    first = next(rows, None)
    if first is None:
        raise SeedMissing(
            f"expected rows of order {order_id!r} in {name}.csv, found none; add them to the seed"
        )
    return chain([first], rows)


def _orders(order_id: str, folder: Path) -> dict[str, str]:
    orders = {_cell("orders", row, "order_id"): row for row in read_seed("orders", folder)}
    if order_id not in orders:
        raise SeedMissing(f"expected order {order_id!r} in orders.csv, found {sorted(orders)}")
    return orders[order_id]


def _newest_order(folder: Path) -> str:
    rows = read_seed("orders", folder)
    if not rows:
        raise SeedMissing("expected an order in orders.csv, found none; add it to the seed")
    return str(max(rows, key=lambda row: row["valid_from"])["order_id"])


@cache
def load_reference(order_id: str | None = None, folder: Path = SEEDS_DIR) -> Reference:
    """The reference of one order.

    Args:
        order_id: key of the order; without it the newest one, for what belongs to no date.
        folder: where the seeds lie.

    Raises:
        SeedMissing: a seed or the order is not there.
        SeedBroken: a seed lacks a column, or a value is not of its type.
    """
    order_id = order_id or _newest_order(folder)
    order = _orders(order_id, folder)

    def rows(name: str) -> Iterator[Callable[..., Any]]:
        """Each row of a seed as a reader of its cells."""
        return (partial(_cell, name, row) for row in _of_order(name, order_id, folder))

    return Reference(
        order_id=order_id,
        order=order,
        territories=[
            Territory(
                cell("territory_id", "int"),
                cell("name"),
                cell("kind"),
                cell("parent_territory_id", "int") if cell("parent_territory_id") else None,
            )
            for cell in rows("territories")
        ],
        aliases=[
            Alias(cell("territory_id", "int"), cell("alias"), cell("kind"))
            for cell in rows("territory_aliases")
        ],
        targets={
            (cell("territory_id", "int"), cell("column_code")): cell("value", "int")
            for cell in rows("targets")
        },
        indicator_of={
            cell("column_code"): cell("indicator_id")
            for cell in rows("target_columns")
            if cell("indicator_id")
        },
        parameters={cell("name"): cell("value", cell("value_type")) for cell in rows("parameters")},
        control_points=list(_of_order("control_points", order_id, folder)),
        schedule=_numbered("form_schedule", order_id, folder),
        calendar=_calendar(folder),
    )


def _numbered(name: str, order_id: str, folder: Path) -> list[dict[str, str]]:
    """Rows of an order with the line of the file that each stands in, as `_line`."""
    rows = [row | {"_line": f"{line}"} for line, row in enumerate(read_seed(name, folder), start=2)]
    found = [row for row in rows if row.get("order_id") == order_id]
    if not found:
        raise SeedMissing(
            f"expected rows of order {order_id!r} in {name}.csv, found none; add them to the seed"
        )
    return found


def _calendar(folder: Path) -> Calendar:
    name = "calendar"
    return Calendar(
        {
            _cell(name, row, "date", "date"): _cell(name, row, "is_working", "bool")
            for row in read_seed(name, folder)
        }
    )
