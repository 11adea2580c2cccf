"""The server of an Airflow connection: publication, rollback, passwords.

What enters: the connection `bvb_postgres`. What leaves: what readers of the server see now.
"""

from __future__ import annotations

import csv
from pathlib import Path

from bvb.clock import moscow_now
from bvb.connections import find_connection
from ingest.orders import reference_at
from ingest.settings import Settings
from warehouse.server.connection import Server
from warehouse.server.contents import load_contents
from warehouse.server.publication import Published, roll_back, serve
from warehouse.server.roles import make_roles, set_passwords
from warehouse.server.spec import load_server_spec
from warehouse.server.versions import Kept, list_kept

CONNECTION = "bvb_postgres"
_PORT = 5432


class ServerNotConnected(Exception):
    """There is no connection to a server; that is allowed, but not when it is asked for."""


def find_server() -> Server | None:
    """The server of the connection; None if nobody has set it up."""
    known = find_connection(CONNECTION)
    if known is None:
        return None
    return Server(
        host=known.host or "localhost",
        port=known.port or _PORT,
        database=known.schema or "bvb",
        user=known.login or "bvb_admin",
        password=known.password or "",
    )


def server_of(settings: Settings) -> Server | None:
    """The server for a command that runs outside Airflow; None if nobody has set it up."""
    from bvb.airflow import apply_environment, use_kept_connections

    apply_environment(settings, quiet=True)
    use_kept_connections()
    return find_server()


def require_server() -> Server:
    """The server of the connection.

    Raises:
        ServerNotConnected: there is no such connection.
    """
    server = find_server()
    if server is None:
        raise ServerNotConnected(
            f"expected an Airflow connection {CONNECTION}, found none; "
            "add it as docs/server.md shows"
        )
    return server


def publish(settings: Settings, server: Server) -> Published:
    """Publish the current frozen version, with the roles of the territories of its order."""
    as_of = load_contents(settings, load_server_spec()).as_of
    return serve(settings, server, reference_at(as_of).territories, moscow_now())


def publish_if_connected(settings: Settings) -> str | None:
    """Publish and say so in words; None if nobody has set a server up."""
    server = find_server()
    return in_words(publish(settings, server)) if server else None


def back(server: Server, to: int | None) -> Published:
    """Show readers an older version."""
    return roll_back(server, to)


def kept(server: Server) -> list[Kept]:
    """Versions on the server."""
    with server.connected() as connection:
        return list_kept(connection, load_server_spec())


def give_passwords(server: Server, path: Path, settings: Settings) -> int:
    """Passwords of roles from a CSV file (role,password); how many were set."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        given = {row["role"]: row["password"] for row in csv.DictReader(stream) if row["password"]}
    as_of = load_contents(settings, load_server_spec()).as_of
    with server.connected() as connection:
        make_roles(connection, load_server_spec(), reference_at(as_of).territories)
        set_passwords(connection, given)
    return len(given)


def in_words(done: Published) -> str:
    """A publication as a line of a log."""
    if not done.is_new:
        return f"на сервере версия {done.version} (публикация {done.publication_id})"
    return (
        f"опубликовано: {done.version} (публикация {done.publication_id}), таблиц {done.n_tables}, "
        f"строк {done.n_rows}, переключение {done.switch_ms} мс"
    )
