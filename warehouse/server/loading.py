"""Rows into the staging schemas, and the proof that they arrived.

What enters: tables and a server. What leaves: `<layer>__stage.<table>` with keys, indexes, comments
and policies, compared value by value with what was sent.
"""

from __future__ import annotations

from typing import Any

import duckdb
from psycopg2 import sql

from warehouse.server.connection import Cursor
from warehouse.server.contents import Table
from warehouse.server.errors import TablesDiffer

STAGE = "__stage"
_BATCH = 100_000  # rows a message
# Only these leave the server as something else than they are in the source.
_AS_TEXT = ("DECIMAL", "NUMERIC")


def stage_of(layer: str) -> str:
    """The schema that a layer is loaded into."""
    return f"{layer}{STAGE}"


def create_table(cursor: Cursor, table: Table) -> None:
    """The empty table; types are spelled alike in DuckDB and PostgreSQL."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(
            sql.Identifier(column.name), sql.SQL(column.kind.replace("DOUBLE", "double precision"))
        )
        for column in table.columns
    )
    cursor.execute(
        sql.SQL("create table {}.{} ({})").format(
            sql.Identifier(stage_of(table.layer)), sql.Identifier(table.name), columns
        )
    )


def send_rows(source: duckdb.DuckDBPyConnection, target: Any, table: Table) -> None:
    """Append all rows by ADBC's COPY."""
    reader = source.execute(table.rows).to_arrow_reader(_BATCH)
    with target.cursor() as cursor:
        cursor.adbc_ingest(table.name, reader, mode="append", db_schema_name=stage_of(table.layer))


def add_keys(cursor: Cursor, table: Table) -> None:
    """The key as dbt tests it, and an index on the rows' territory."""
    place = sql.Identifier(stage_of(table.layer), table.name)
    if table.key:
        # Parts of a key may be NULL, which a primary key would not take.
        cursor.execute(
            sql.SQL("create unique index on {} ({}) nulls not distinct").format(
                place, sql.SQL(", ").join(map(sql.Identifier, table.key))
            )
        )
    elif table.layer == "restricted":
        cursor.execute(sql.SQL("create index on {} (person_key)").format(place))
    if table.scope and table.key[:1] != (table.scope,):
        cursor.execute(
            sql.SQL("create index on {} ({})").format(place, sql.Identifier(table.scope))
        )


def add_comments(cursor: Cursor, table: Table) -> None:
    """What dbt's documentation says, where every client shows it."""
    place = sql.Identifier(stage_of(table.layer), table.name)
    statements = [
        sql.SQL("comment on column {}.{} is {}").format(
            place, sql.Identifier(column.name), sql.Literal(column.text)
        )
        for column in table.columns
        if column.text
    ]
    if table.text:
        statements.append(
            sql.SQL("comment on table {} is {}").format(place, sql.Literal(table.text))
        )
    if statements:
        cursor.execute(sql.SQL("; ").join(statements))


def _digest(connection: duckdb.DuckDBPyConnection, table: Table, relation: str) -> tuple[Any, ...]:
    """Number of rows, and two sums over hashes of whole rows that do not depend on order."""
    values = ", ".join(f"cast({column.name} as {column.kind})" for column in table.columns)
    found = connection.execute(
        f"select count(*), coalesce(bit_xor(h), 0), coalesce(sum(h % 1000000007), 0)"
        f" from (select hash(row({values})) as h from {relation})"
    ).fetchone()
    return found or ()


def _compare(
    source: duckdb.DuckDBPyConnection, target: Any, table: Table
) -> tuple[int, str | None]:
    """Number of rows kept, and how they differ from those sent; None if they are the same."""
    sent = _digest(source, table, f"({table.rows})")
    listed = ", ".join(
        f'"{c.name}"::text as "{c.name}"' if c.kind.startswith(_AS_TEXT) else f'"{c.name}"'
        for c in table.columns
    )
    with target.cursor() as cursor:
        cursor.execute(f'select {listed} from "{stage_of(table.layer)}"."{table.name}"')
        kept = cursor.fetch_record_batch()
        source.register("kept_rows", kept)
        found = _digest(source, table, "kept_rows")
        source.unregister("kept_rows")
    if sent == found:
        return found[0], None
    return found[0], f"{table.layer}.{table.name} (rows sent {sent[0]}, rows kept {found[0]})"


def require_equal(source: duckdb.DuckDBPyConnection, target: Any, tables: tuple[Table, ...]) -> int:
    """Compare every table with its source.

    Returns:
        how many rows there are.

    Raises:
        TablesDiffer: the server holds something else.
    """
    compared = [_compare(source, target, table) for table in tables]
    differences = [text for _, text in compared if text]
    if differences:
        raise TablesDiffer(differences)
    return sum(rows for rows, _ in compared)
