"""A published region on a PostgreSQL server of the tests' own, as every role sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

import psycopg2
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.orders import reference_at
from ingest.settings import MOSCOW, load_settings
from tests.dbt.golden import AS_OF
from tests.postgres_server import HOST, PostgresServer
from tests.warehouse.conftest import Built
from warehouse.server.connection import Server
from warehouse.server.publication import Published, serve

NOW = datetime(2024, 12, 5, 6, 0, tzinfo=MOSCOW)
SURNAME = "Журавлёва-Канарейкина"  # nobody else's: found anywhere outside, it leaked
_numbers = count(1)


@dataclass(frozen=True)
class Region:
    """A data directory and the server that it is published to."""

    built: Built
    server: Server

    def serve(self) -> Published:
        settings = load_settings(self.built.data)
        return serve(settings, self.server, reference_at(AS_OF).territories, NOW)

    @contextmanager
    def session(self, role: str) -> Iterator[Any]:
        """A session of a role, each statement a transaction of its own."""
        with replace(self.server, user=role).connected() as connection:
            yield connection.cursor()

    def ask(self, statement: str, role: str = "bvb_admin") -> list[tuple[Any, ...]]:
        with self.session(role) as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


def with_a_name(built: Built) -> str:
    """Give one pupil a name in the restricted rows; the pupil's key."""
    path = built.run().accepted_dir / "restricted" / "P03.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[0]["last_name"] = SURNAME
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)
    return str(rows[0]["pupil_key"])


@contextmanager
def region_on(postgres: PostgresServer, built: Built) -> Iterator[Region]:
    """A database of its own, owned by an admin who is no superuser."""
    name = f"bvb_{next(_numbers)}"
    postgres.create_database(name)
    owner = psycopg2.connect(postgres.uri())
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute("select 1 from pg_roles where rolname = 'bvb_admin'")
        if not cursor.fetchone():
            cursor.execute("create role bvb_admin login createrole")
        cursor.execute(f"alter database {name} owner to bvb_admin")
    owner.close()
    yield Region(built, Server(HOST, postgres.port, name, "bvb_admin"))
