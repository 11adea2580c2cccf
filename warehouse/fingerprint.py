"""Whether two engines hold the same tables, told by checksums over their sorted rows.

What enters: two ways to ask, DuckDB's and PostgreSQL's. What leaves: one `Difference` for each
table that is not the same, with its columns. Rows become one text each in the engine, by words that
both understand, and only hashes travel: no value of a row is looked at here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingest.sql import sql_text
from warehouse.descriptions import PUBLISHED
from warehouse.publish import MANIFEST
from warehouse.server.connection import Server

Ask = Callable[[str], Iterable[tuple[Any, ...]]]
# Marks that no text of a form holds: between cells, and in the place of an empty one.
_BETWEEN, _NOTHING = "␟", "␀"


@dataclass(frozen=True)
class Checksum:
    """A table or a part of its columns: equal ones hold equal rows, in whatever order."""

    n_rows: int
    sha256: str


@dataclass(frozen=True)
class Difference:
    """A table that is not the same on both sides."""

    table: str
    columns: tuple[str, ...]  # whose values differ; none when they differ only as rows
    rows: tuple[int, int]

    def __str__(self) -> str:
        """The table and what differs in it, for a message."""
        where = ", ".join(self.columns) or "rows"
        return f"{self.table} ({where}; rows {self.rows[0]} and {self.rows[1]})"


def tables(ask: Ask, schemas: Sequence[str] = PUBLISHED) -> dict[str, tuple[str, ...]]:
    """`schema.table` → its columns in their order."""
    rows = ask(
        "select table_schema, table_name, column_name from information_schema.columns"
        f" where table_schema in ({', '.join(map(sql_text, schemas))})"
        " order by table_schema, table_name, ordinal_position"
    )
    found: dict[str, tuple[str, ...]] = {}
    for schema, table, column in rows:
        name = f"{schema}.{table}"
        found[name] = (*found.get(name, ()), column)
    return found


def checksum(ask: Ask, table: str, columns: Sequence[str]) -> Checksum:
    """One checksum over the rows of a table, each as one text, sorted."""
    cells = (f"coalesce(cast(\"{column}\" as varchar), '{_NOTHING}')" for column in columns)
    row = f" || '{_BETWEEN}' || ".join(cells)
    digest, n_rows = hashlib.sha256(), 0
    for (text,) in ask(f"select md5({row}) as row_hash from {table} order by row_hash"):
        digest.update(text.encode())
        n_rows += 1
    return Checksum(n_rows, digest.hexdigest())


def _difference(one: Ask, other: Ask, table: str, columns: Sequence[str]) -> Difference | None:
    sums = checksum(one, table, columns), checksum(other, table, columns)
    if sums[0] == sums[1]:
        return None
    differing = tuple(
        column
        for column in columns
        if checksum(one, table, [column]) != checksum(other, table, [column])
    )
    return Difference(table, differing, (sums[0].n_rows, sums[1].n_rows))


def differences(one: Ask, other: Ask, schemas: Sequence[str] = PUBLISHED) -> list[Difference]:
    """Every table of the schemas that differs in its columns or rows, by name."""
    left, right = tables(one, schemas), tables(other, schemas)
    found = []
    for table in sorted(left | right):
        columns = left.get(table, ()), right.get(table, ())
        if columns[0] != columns[1]:
            odd = tuple(sorted(set(columns[0]) ^ set(columns[1]))) or columns[1]
            found.append(Difference(table, odd, (0, 0)))
        elif difference := _difference(one, other, table, columns[0]):
            found.append(difference)
    return found


@contextmanager
def asking_postgres(server: Server) -> Iterator[Ask]:
    """A way to ask a server."""

    def ask(query: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    with server.connected() as connection:
        yield ask


@contextmanager
def asking_duckdb(database: Path) -> Iterator[Ask]:
    """A way to ask a database file."""
    with duckdb.connect(f"{database}", read_only=True) as connection:
        yield lambda query: connection.execute(query).fetchall()


@contextmanager
def asking_version(folder: Path) -> Iterator[Ask]:
    """A way to ask a published version, its tables in the schemas that they were built in."""
    known = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["tables"]
    with duckdb.connect() as connection:
        for schema in sorted({table["layer"] for table in known.values()}):
            connection.execute(f"create schema {schema}")
        for name, table in known.items():
            path = sql_text(folder / table["file"])
            connection.execute(
                f"create view {table['layer']}.{name} as select * from read_parquet({path})"
            )
        yield lambda query: connection.execute(query).fetchall()
