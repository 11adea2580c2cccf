"""The project builds on PostgreSQL too, and every published table holds the same rows there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.settings import Settings
from tests.dbt.conftest import Warehouse
from tests.postgres_server import PostgresServer, postgres_server
from warehouse.errors import DatabaseOfOthers, ServerUnreachable, UnfitDatabase
from warehouse.fingerprint import Difference, asking_duckdb, asking_postgres, differences, tables
from warehouse.postgres import Server, build_in_postgres

pytestmark = pytest.mark.slow
# What is not equal, with the reason; nothing so far.
NOT_EQUAL: dict[str, str] = {}
ADBC = "adbc_driver_postgresql.dbapi"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    pytest.importorskip(ADBC)
    with postgres_server() as running:
        yield running


@pytest.fixture(scope="module")
def built(server: PostgresServer, golden: Warehouse) -> str:
    """Address of a database with all layers, from the rows that DuckDB's were built from."""
    uri = server.create_database("bvb_build")
    nodes = build_in_postgres(
        Settings(golden.folder / "postgres"), golden.folder / "accepted", Server(uri)
    )
    assert {node.kind for node in nodes} == {"seed", "model", "test"}
    return uri


def test_every_published_table_is_the_same(golden: Warehouse, built: str) -> None:
    with asking_duckdb(golden.database) as one, asking_postgres(built) as other:
        assert len(tables(one)) > 40
        found = [d for d in differences(one, other) if d.table not in NOT_EQUAL]
    assert found == [], "; ".join(map(str, found))


def test_a_changed_cell_and_a_lost_row_are_told(golden: Warehouse, built: str) -> None:
    pass


def test_no_name_of_a_child_goes_to_the_server(built: str) -> None:
    with asking_postgres(built) as ask:
        rows = ask(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'restricted' order by 1, 2"
        )
    assert rows == [
        (table, column)
        for table in ("P03_restricted", "stg_restricted__pupil_birth")
        for column in ("birth_date", "row_id")
    ]
