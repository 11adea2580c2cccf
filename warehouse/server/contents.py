"""What one publication consists of: tables with their rows, keys, comments and scopes.

What enters: a frozen version, the dates published before it, the accepted rows of its run. What
leaves: one `Table` a table of the server; rows are read when they are sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from ingest.settings import Settings
from ingest.sql import sql_text
from warehouse.catalogue import CATALOGUE
from warehouse.history import BY_DATE
from warehouse.publish import CURRENT, MANIFEST
from warehouse.server.errors import NothingFrozen, PersonsMissing
from warehouse.server.spec import ServerSpec

_ALL_DATES = ("order_id", "as_of")


@dataclass(frozen=True)
class Column:
    """A column with its SQL type, which both engines understand."""

    name: str
    kind: str
    text: str = ""


@dataclass(frozen=True)
class Table:
    """One table to publish."""

    layer: str
    name: str
    columns: tuple[Column, ...]
    rows: str  # SQL that DuckDB reads the rows with
    key: tuple[str, ...] = ()
    text: str = ""
    scope: str | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in their order."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class Contents:
    """Everything of one publication and what names it."""

    version: str
    load_id: str
    as_of: date
    fingerprint: str
    tables: tuple[Table, ...]


def _current(settings: Settings, manifest: dict[str, Any], spec: ServerSpec) -> Iterator[Table]:
    for name, table in sorted(manifest["tables"].items()):
        columns = tuple(Column(c["name"], c["type"], c["description"]) for c in table["columns"])
        names = tuple(column.name for column in columns)
        scope, text, key = spec.scope_of(names), table["description"], tuple(table.get("key", ()))
        path = settings.marts / manifest["version"] / table["file"]
        rows = f"select {', '.join(names)} from read_parquet({sql_text(path)})"
        yield Table(table["layer"], name, columns, rows, key, text, scope)
        if table["layer"] == "marts":
            dates = settings.marts / BY_DATE / "*" / table["file"]
            # An older date may lack a column: it was published before there was one.
            past = f"read_parquet({sql_text(dates)}, union_by_name = true)"
            rows = f"select {', '.join(names)} from {past}"
            whole = (*(c for c in _ALL_DATES if c in names and c not in key), *key) if key else ()
            yield Table("history", name, columns, rows, whole, text, scope)


def _outcomes(settings: Settings) -> Iterator[Table]:
    path = settings.warehouse / CATALOGUE
    with duckdb.connect(f"{path}", read_only=True) as connection:
        views = connection.execute(
            "select view_name, comment from duckdb_views()"
            " where schema_name = 'main' and view_name like 'ops_%' order by 1"
        ).fetchall()
        for view, text in views:
            columns = tuple(
                Column(name, "VARCHAR" if kind == "JSON" else kind, comment or "")
                for name, kind, comment in connection.execute(
                    "select column_name, data_type, comment from duckdb_columns()"
                    " where table_name = ? order by column_index",
                    [view],
                ).fetchall()
            )
            listed = ", ".join(f"cast({c.name} as {c.kind}) as {c.name}" for c in columns)
            yield Table("ops", view, columns, f"select {listed} from kept.{view}", (), text or "")


def _persons(settings: Settings, version: str, spec: ServerSpec) -> Iterator[Table]:
    """Names by key, from the accepted rows that the version was built from."""
    folder = settings.accepted / version.rpartition("__")[0] / "restricted"
    for name, persons in spec.persons.items():
        path = folder / f"{persons.form}.parquet"
        if not path.exists():
            raise PersonsMissing(f"{path}")
        columns = tuple(
            Column(column, kind)
            for column, kind in {"person_key": "varchar", **persons.columns}.items()
        )
        listed = ", ".join(persons.columns)
        rows = (
            f"select distinct {persons.key} as person_key, {listed}"
            f" from read_parquet({sql_text(path)}) where {persons.key} is not null"
        )
        yield Table("restricted", name, columns, rows)


def _fingerprint(settings: Settings, manifest: dict[str, Any], spec: ServerSpec) -> str:
    digest = hashlib.sha256(repr(spec).encode())
    digest.update(json.dumps(manifest, sort_keys=True).encode())
    for path in sorted((settings.marts / BY_DATE).glob(f"*/{MANIFEST}")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def load_contents(settings: Settings, spec: ServerSpec) -> Contents:
    """What the current version of the frozen marts is on the server.

    Raises:
        NothingFrozen: no run has been published yet.
        PersonsMissing: the accepted rows of its run are gone.
    """
    path = settings.marts / CURRENT / MANIFEST
    if not path.exists():
        raise NothingFrozen(f"{path.parent}")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    version = manifest["version"]
    tables = (
        *_current(settings, manifest, spec),
        *_outcomes(settings),
        *_persons(settings, version, spec),
    )
    return Contents(
        version,
        manifest["load_id"],
        date.fromisoformat(manifest["as_of"]),
        _fingerprint(settings, manifest, spec),
        tables,
    )


def open_source(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that every `Table.rows` can be read with."""
    connection = duckdb.connect(":memory:")
    path: Path = settings.warehouse / CATALOGUE
    connection.execute(f"attach {sql_text(path)} as kept (read_only)")
    return connection
