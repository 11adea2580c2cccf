"""The private DuckDB of one run's checks.

What enters: a path. What leaves: a connection with limits, and what every user of it needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

Connection = duckdb.DuckDBPyConnection
MEMORY_LIMIT = "1500MB"


def open_database(path: Path | None, spill: Path) -> Connection:
    """A private database for one run's checks; without a path it lives in memory."""
    con = duckdb.connect(
        str(path) if path else ":memory:",
        config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(spill)},
    )
    con.execute("set enable_progress_bar = false")
    return con


def insert_rows(con: Connection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Append rows to a table at once: DuckDB takes a statement's time for each single row."""
    if not rows:
        return
    arrays = [pa.array(column) for column in zip(*rows, strict=True)]
    con.register("rows_given", pa.table(arrays, names=[f"c{n}" for n in range(len(arrays))]))
    con.execute(f"insert into {table} select * from rows_given")
    con.unregister("rows_given")


def table_exists(con: Connection, name: str) -> bool:
    """Whether a table or view of this name is there."""
    found = con.execute(
        "select count(*) from information_schema.tables where lower(table_name) = lower(?)", [name]
    ).fetchone()
    return bool(found and found[0])


def columns_of(con: Connection, table: str) -> dict[str, str]:
    """Columns of a table or view and their SQL types."""
    return {row[0]: row[1] for row in con.execute(f"describe {table}").fetchall()}
