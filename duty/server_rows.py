"""What only the server holds: names that are withdrawn go, and the audit that no run can rebuild.

What enters: a server. What leaves: rows of the schema of names removed; the audit as CSV and back.
"""

from __future__ import annotations

import io
from pathlib import Path

from psycopg2 import sql

from ingest.deliveries import write_atomically
from ingest.settings import Settings
from warehouse.server.connection import Cursor, Server
from warehouse.server.spec import load_server_spec

NAMES = "restricted"
_AUDIT = ("access", "publication")


def forget_on(server: Server, keys: set[str] | None) -> int:
    """Remove persons from the schema of names, all of them without keys; how many rows went.

    Raises:
        ServerUnreachable: nobody answers; the names are still there.
    """
    n_rows = 0
    with server.connected() as connection, connection.cursor() as cursor:
        for name in load_server_spec().persons:
            if not _exists(cursor, NAMES, name):
                continue
            place = sql.Identifier(NAMES, name)
            chosen = sql.SQL("delete from {} where %s or person_key = any(%s)").format(place)
            cursor.execute(chosen, [keys is None, sorted(keys or ())])
            n_rows += cursor.rowcount
            # Deleted rows stay in the file of a table until it is written anew.
            cursor.execute(sql.SQL("vacuum full {}").format(place))
    return n_rows


def _exists(cursor: Cursor, schema: str, name: str) -> bool:
    cursor.execute("select to_regclass(%s) is not null", [f'"{schema}"."{name}"'])
    return bool((cursor.fetchone() or (False,))[0])


def _file(settings: Settings, table: str) -> Path:
    return settings.outcomes / "server" / f"audit_{table}.csv"


def keep_audit(settings: Settings, server: Server) -> int:
    """Write the audit of the server beside the outcomes, for the backup; how many tables.

    Raises:
        ServerUnreachable: nobody answers.
    """
    kept = 0
    with server.connected() as connection, connection.cursor() as cursor:
        for table in _AUDIT:
            if not _exists(cursor, "audit", table):
                continue
            stream = io.BytesIO()
            asked = sql.SQL("copy (select * from {} order by 1) to stdout (format csv, header)")
            cursor.copy_expert(asked.format(sql.Identifier("audit", table)), stream)
            write_atomically(_file(settings, table), stream.getvalue())
            kept += 1
    return kept


def restore_audit(settings: Settings, server: Server) -> int:
    """Put accesses that the server does not remember back into it; how many.

    Publications are not put back: they name schemas that are not there any more.

    Raises:
        ServerUnreachable: nobody answers.
    """
    path = _file(settings, "access")
    if not path.exists():
        return 0
    with server.connected() as connection, connection.cursor() as cursor:
        if not _exists(cursor, "audit", "access"):
            return 0
        cursor.execute("begin; create temp table kept (like audit.access) on commit drop")
        with path.open("rb") as stream:
            cursor.copy_expert("copy kept from stdin (format csv, header)", stream)
        cursor.execute("insert into audit.access select * from kept except table audit.access")
        n_rows = cursor.rowcount
        cursor.execute("commit")
    return n_rows
