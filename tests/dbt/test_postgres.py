"""The project builds on PostgreSQL too, and every published table holds the same rows there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from ingest.settings import Settings
from tests.dbt.conftest import PROJECT, Warehouse, failed_nodes
from tests.postgres_server import HOST, USER, PostgresServer, postgres_server
from warehouse.errors import DatabaseOfOthers, UnfitDatabase
from warehouse.fingerprint import Difference, asking_duckdb, asking_postgres, differences, tables
from warehouse.postgres import build_in_postgres, load_sources, postgres_engine
from warehouse.runner import parse_project
from warehouse.server.connection import Server
from warehouse.server.errors import ServerUnreachable

pytestmark = pytest.mark.slow
# Tables of the same names with other rows and columns, and a view that holds one of them.
EARLIER_BUILD = (
    *(f"create schema {name}" for name in ("accepted", "control", "history", "restricted")),
    'create table accepted."P03" as select 1 as pupil_key',
    "create schema staging",
    'create view staging.stg_platform__pupils as select * from accepted."P03"',
    "create schema facts",
    "create table facts.dim_pupil as select 1 as pupil_key",
)


def _account(server: PostgresServer, name: str, locale: str = "C.UTF-8") -> Server:
    """The superuser of a new database."""
    server.create_database(name, locale)
    return Server(HOST, server.port, name, USER)


def _execute(server: Server, *statements: str) -> None:
    with server.connected() as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@dataclass(frozen=True)
class Built:
    """A database with all layers, from the rows that DuckDB's were built from."""

    server: Server
    manifest: Any


@pytest.fixture(scope="module")
def built(server: PostgresServer, golden: Warehouse) -> Built:
    own = _account(server, "bvb_build")
    _execute(own, *EARLIER_BUILD)
    settings, accepted = Settings(golden.folder / "postgres"), golden.folder / "accepted"
    nodes = build_in_postgres(settings, accepted, own)
    assert {node.kind for node in nodes} == {"seed", "model", "test"}
    return Built(own, parse_project(postgres_engine(settings, accepted, own)))


def _found(golden: Warehouse, server: Server) -> list[Difference]:
    with asking_duckdb(golden.database) as one, asking_postgres(server) as other:
        return differences(one, other)


def test_every_published_table_is_the_same(golden: Warehouse, built: Built) -> None:
    with asking_duckdb(golden.database) as one:
        declared = {path.stem for path in (PROJECT / "models").glob("[fm]a*/*.sql")}
        assert {name.split(".")[1] for name in tables(one)} == declared
    assert [f"{difference}" for difference in _found(golden, built.server)] == []


def test_unit_tests_of_the_models_hold_there(
    golden: Warehouse, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = postgres_engine(Settings(golden.folder), golden.folder, built.server)
    for name, value in known.told:
        monkeypatch.setenv(name, value)
    result = golden.dbt("test", "--select", "test_type:unit", "--target", "postgres")
    assert failed_nodes(result) == []
    assert len(result.result) >= 100


def test_differences_are_named(server: PostgresServer, golden: Warehouse, built: Built) -> None:
    server.create_database("changed", template="bvb_build")
    copy = replace(built.server, database="changed")
    _execute(
        copy,
        "update marts.mart_consents set n_scan_attached = n_scan_attached + 1"
        " where territory_id = 0",
        "delete from marts.mart_navigator_load where territory_id = 3",
        "alter table facts.dim_partner drop column as_of",
        # The same figures at other rows: no column differs, the rows do.
        "update facts.dim_territory set territory_id = 129 - territory_id"
        " where territory_id in (64, 65)",
    )
    found = {d.table: (d.columns, d.rows[1] - d.rows[0]) for d in _found(golden, copy)}
    assert found.pop("marts.mart_navigator_load")[1] == -1
    assert found == {
        "marts.mart_consents": (("n_scan_attached",), 0),
        "facts.dim_partner": (("as_of",), 0),
        "facts.dim_territory": ((), 0),
    }


def test_no_name_of_a_child_goes_to_the_server(built: Built) -> None:
    with asking_postgres(built.server) as ask:
        rows = ask(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'restricted' order by 1, 2"
        )
    assert rows == [
        (table, column)
        for table in ("P03_restricted", "stg_restricted__pupil_birth")
        for column in ("birth_date", "row_id")
    ]


def test_readers_tables_are_not_dropped(server: PostgresServer, built: Built) -> None:
    readers = _account(server, "readers")
    _execute(readers, "create schema marts", "create table marts.mart_consents as select 1 as n")
    with pytest.raises(DatabaseOfOthers, match="marts"):
        load_sources(built.manifest, readers)
    with asking_postgres(readers) as ask:
        assert ask("select n from marts.mart_consents") == [(1,)]


def test_database_of_another_order_is_refused(server: PostgresServer, built: Built) -> None:
    of_bytes = _account(server, "of_bytes", locale="C")
    with pytest.raises(UnfitDatabase, match=r"C\.UTF-8"):
        load_sources(built.manifest, of_bytes)


def test_server_that_is_not_there(built: Built) -> None:
    nobody = replace(built.server, port=1, password="geheim")
    with pytest.raises(ServerUnreachable) as caught:
        load_sources(built.manifest, nobody)
    assert "geheim" not in f"{caught.value}"
