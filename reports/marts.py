"""Frozen marts of one date: the only way of this room to numbers.

What enters: a folder of Parquet (`marts/`, with `current` and versions, or one version).
What leaves: a frozen `MartSet` with plain rows. The pipeline's database is never opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from reports.errors import DateMissing, MartColumnMissing, MartMissing, MixedLoads
from reports.order import OrderCard, load_card

Value = str | int | float | bool | Decimal | date | datetime | None
Row = Mapping[str, Value]
KEYS = ("order_id", "as_of", "load_id")
ANCHOR = "mart_indicator_progress"


@dataclass(frozen=True)
class MartSet:
    """All marts of one order and date, from one load."""

    order_id: str
    as_of: date
    load_id: str
    card: OrderCard
    tables: Mapping[str, tuple[Row, ...]]
    columns: Mapping[str, tuple[str, ...]]

    def rows(self, mart: str) -> tuple[Row, ...]:
        """Rows of a mart, in the order of its file.

        Raises:
            MartMissing: the mart was not loaded.
        """
        if mart not in self.tables:
            raise MartMissing(mart, Path("marts"), self.tables)
        return self.tables[mart]

    def require(self, mart: str, columns: set[str]) -> None:
        """Check that a mart has the columns that a sheet shows.

        Raises:
            MartColumnMissing: it has not.
        """
        self.rows(mart)
        missing = columns - set(self.columns[mart])
        if missing:
            raise MartColumnMissing(mart, missing, self.columns[mart])


def integer(value: Value) -> int | None:
    """A count of a mart as int; None stays None: missing is never zero."""
    if value is None:
        return None
    if isinstance(value, (int, float, Decimal)):
        return int(value)
    raise TypeError(f"expected a whole number, found {value!r}")


def decimal(value: Value) -> Decimal | None:
    """A decimal of a mart; None stays None."""
    if value is None:
        return None
    return value if isinstance(value, Decimal) else Decimal(str(value))


def text(value: Value) -> str:
    """A text of a mart; missing is ""."""
    return "" if value is None else str(value)


def _versions(marts_dir: Path, as_of: date, order_id: str) -> Iterator[Path]:
    """Folders that may hold the date: its own last publication first, then what else is there."""
    if (marts_dir / f"{ANCHOR}.parquet").is_file():
        yield marts_dir
        return
    published = (marts_dir / "by_date" / f"{order_id}__{as_of}", marts_dir / "current")
    yield from (folder for folder in published if folder.is_dir())
    older = [p for p in marts_dir.glob("[!.]*") if p.is_dir() and not p.is_symlink()]
    yield from sorted(older, key=lambda path: path.name, reverse=True)


def _dates(path: Path) -> set[tuple[str, str]]:
    """(order_id, ISO date) pairs of a frozen mart."""
    import pyarrow.parquet as pq

    table = pq.read_table(path, columns=["order_id", "as_of"])
    pairs = zip(table["order_id"].to_pylist(), table["as_of"].to_pylist(), strict=True)
    return {(str(order), str(day)[:10]) for order, day in pairs}


def _folder(marts_dir: Path, as_of: date, order_id: str) -> Path:
    found: set[tuple[str, str]] = set()
    seen = False
    for folder in _versions(marts_dir, as_of, order_id):
        path = folder / f"{ANCHOR}.parquet"
        if not path.is_file():
            continue
        seen = True
        pairs = _dates(path)
        if (order_id, as_of.isoformat()) in pairs:
            return folder
        found |= pairs
    if not seen:
        names = sorted(p.name for p in marts_dir.glob("*")) if marts_dir.is_dir() else []
        raise MartMissing(ANCHOR, marts_dir, names)
    raise DateMissing(as_of, order_id, (f"{order} {day}" for order, day in found))


def _read(path: Path, as_of: date, order_id: str) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    missing = set(KEYS) - set(table.column_names)
    if missing:
        raise MartColumnMissing(path.stem, missing, table.column_names)
    rows = tuple(
        row
        for row in table.to_pylist()
        if row["order_id"] == order_id and str(row["as_of"])[:10] == as_of.isoformat()
    )
    return tuple(table.column_names), rows


def _one_load(tables: Mapping[str, tuple[Row, ...]]) -> str:
    loads: dict[str, list[str]] = {}
    for mart, rows in tables.items():
        for load in sorted({text(row["load_id"]) for row in rows}):
            loads.setdefault(load, []).append(mart)
    if len(loads) != 1:
        raise MixedLoads(loads)
    return next(iter(loads))


def load_marts(marts_dir: Path, as_of: date, order_id: str, wanted: Sequence[str] = ()) -> MartSet:
    """Read marts for one order and date: that of the indicators, and those that are wanted.

    Args:
        marts_dir: `marts/` (with `current` and versions) or the folder of one version. When the
            current version holds another date, the newest older version that holds this one is
            read, so that an earlier report can be made again.
        as_of: date of the data.
        order_id: key of the order.
        wanted: names of further marts.

    Raises:
        MartMissing: a mart is not there.
        DateMissing: no version holds the date of that order.
        MartColumnMissing: a mart lacks its keys.
        MixedLoads: the marts come from different loads.
    """
    folder = _folder(marts_dir, as_of, order_id)
    tables: dict[str, tuple[Row, ...]] = {}
    columns: dict[str, tuple[str, ...]] = {}
    for mart in sorted({ANCHOR, *wanted}):
        path = folder / f"{mart}.parquet"
        if not path.is_file():
            raise MartMissing(mart, folder, (p.stem for p in folder.glob("*.parquet")))
        columns[mart], tables[mart] = _read(path, as_of, order_id)
    return MartSet(order_id, as_of, _one_load(tables), load_card(order_id), tables, columns)
