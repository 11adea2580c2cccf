"""Where the server is and how to talk to it: psycopg2 for statements, ADBC for rows.

What enters: host, port, database, user, password. What leaves: connections that are closed again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import psycopg2
import psycopg2.extensions

from warehouse.server.errors import ServerFell, ServerUnreachable

Connection = psycopg2.extensions.connection
Cursor = psycopg2.extensions.cursor
_PATIENCE = 10  # seconds until a server that does not answer is given up


def _gone_errors() -> tuple[type[Exception], ...]:
    """What both drivers raise when the server goes away, and sometimes else."""
    from adbc_driver_postgresql import dbapi

    return psycopg2.OperationalError, psycopg2.InterfaceError, dbapi.Error


@dataclass(frozen=True)
class Server:
    """An account on a PostgreSQL server; the password is never shown."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False, default="")

    @property
    def where(self) -> str:
        """The server as messages name it."""
        return f"{self.user}@{self.host}:{self.port}/{self.database}"

    @property
    def uri(self) -> str:
        """The account as libpq reads it, a socket's folder included; it holds the password."""
        asked = {
            "host": self.host,
            "port": f"{self.port}",
            "user": self.user,
            "connect_timeout": f"{_PATIENCE}",
            "application_name": "bvb",
        }
        if self.password:
            asked["password"] = self.password
        return f"postgresql:///{quote(self.database, safe='')}?{urlencode(asked, quote_via=quote)}"

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """A session without open transactions of its own; closed at the end.

        Raises:
            ServerUnreachable: nobody answers, or the account is refused.
            ServerFell: it went away while there was work for it.
        """
        try:
            connection = psycopg2.connect(self.uri)
        except psycopg2.OperationalError as error:
            raise ServerUnreachable(self.where, f"{error}".strip()) from error
        connection.autocommit = True
        try:
            yield connection
        except _gone_errors() as error:
            if not self._is_gone(connection):
                raise
            raise ServerFell(self.where, f"{error}".strip().splitlines()[0]) from error
        finally:
            connection.close()

    @staticmethod
    def _is_gone(connection: Connection) -> bool:
        """Whether the session is dead: an error of a statement leaves it alive."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("select 1")
        except psycopg2.Error:
            return True
        return False

    @contextmanager
    def ingesting(self) -> Iterator[Any]:
        """An ADBC connection, for whole tables of rows."""
        from adbc_driver_postgresql import dbapi

        try:
            connection = dbapi.connect(self.uri, autocommit=True)
        except dbapi.Error as error:
            raise ServerUnreachable(self.where, f"{error}".strip()) from error
        with connection:
            yield connection
