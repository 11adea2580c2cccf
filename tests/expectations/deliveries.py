"""Read deliveries made by hand, and the selection among them, without landing and reading.

What enters: changes to the base rows of the examples. What leaves: parsed files as `ingest` would
write them, and a database in which they were checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from expectations.catalogue import SEED_FORM
from expectations.compile import CompiledForm, Setup, compile_form
from expectations.database import open_database, table_exists
from expectations.details import create_details
from expectations.history import load_history
from expectations.selection import Candidates, Selection, select_form
from expectations.tables import create_reference_tables
from ingest.deliveries import Delivery
from ingest.forms import load_forms
from ingest.rows import schema_of
from tests.expectations.world import Worlds

Connection = duckdb.DuckDBPyConnection
AS_OF = date(2024, 9, 30)
BASE = Worlds.read().base
Row = dict[str, Any]


def database(setup: Setup, spill: Path) -> closing[Connection]:
    """A database with the reference tables and an empty list of findings."""
    con = open_database(None, spill)
    create_reference_tables(con, setup)
    create_details(con)
    return closing(con)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def make_delivery(
    folder: Path, form: str, rows: Sequence[Row], *, name: str = "a", sender: int | None = None
) -> Delivery:
    """A read delivery of a form; each row says what it changes in the base row."""
    schema = schema_of(load_forms()[form].latest)
    table = [
        {n: _text(row.get(n)) for n in schema.names if n != "_row"} | {"_row": number}
        for number, change in enumerate(rows, 2)
        for row in [BASE[form] | {"_sheet": "Данные"} | change]
    ]
    path = folder / f"{form}-{name}.parquet"
    pq.write_table(pa.Table.from_pylist(table, schema=schema), path)
    return Delivery(
        delivery_id=f"{form}-{name}",
        sha256=name,
        file_name=f"{form}-{name}.xlsx",
        channel="incoming",
        folder="",
        received_at=datetime(2024, 10, 1, tzinfo=UTC),
        form_code=form,
        form_version=1,
        sender_territory_id=sender,
        as_of=AS_OF,
        period=None,
        version=1,
        is_zero_report=not rows,
        n_rows=len(rows),
        file_findings=(),
        parsed_path=path,
        read_with="tests",
    )


def run_selection(
    con: Connection,
    setup: Setup,
    compiled: CompiledForm,
    candidates: Sequence[Delivery],
    before: Selection | None = None,
) -> Selection:
    """Select among candidates, newest first; earlier forms that were not given are empty."""
    selection = before or Selection()
    form = compiled.rules_of_form.form
    for earlier in setup.catalogue.order[: setup.catalogue.order.index(form)]:
        if earlier != SEED_FORM and not table_exists(con, f"{earlier}__checked"):
            rules = compile_form(setup, earlier)
            select_form(con, setup, rules, Candidates(), selection)
            load_history(con, setup, rules, Candidates(), selection)
    select_form(con, setup, compiled, Candidates(candidates), selection)
    load_history(con, setup, compiled, Candidates(candidates), selection)
    return selection
