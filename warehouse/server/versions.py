"""Versions on the server: which are kept, which one readers see, and the switch between them.

What enters: a session of the publisher. What leaves: renamed schemas; a version is never half seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime

import psycopg2
from psycopg2 import sql

from warehouse.server.connection import Connection, Cursor
from warehouse.server.errors import NotSwitched, PublicationBusy
from warehouse.server.spec import ServerSpec

_LOCK = 0x627662  # "bvb": the advisory lock of whoever changes what readers see
_LATEST_SWITCH = "3s"
_LATEST_DROP = "500ms"


@dataclass(frozen=True)
class Kept:
    """A version that lies on the server."""

    publication_id: int
    version: str
    as_of: date
    published_at: datetime
    is_current: bool


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """No other publisher at the same time; the lock goes with the session."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [_LOCK])
        if cursor.fetchone() != (True,):
            raise PublicationBusy()
        try:
            yield
        finally:
            # The lock of a dead session is gone with it.
            with suppress(psycopg2.OperationalError, psycopg2.InterfaceError):
                cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])


def kept_of(layer: str, number: int) -> str:
    """The schema of a layer in a version that is not current."""
    return f"{layer}__v{number}"


def schemas_of(cursor: Cursor) -> set[str]:
    """Names of all schemas of the database."""
    cursor.execute("select nspname from pg_namespace")
    return {row[0] for row in cursor.fetchall()}


def drop_schemas(cursor: Cursor, schemas: Iterable[str]) -> None:
    """Drop schemas with everything in them, as far as they are there."""
    for name in schemas:
        cursor.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name)))


def switch(connection: Connection, moves: Sequence[tuple[str, str]], current: int) -> float:
    """Rename schemas and say which version is current, in one transaction; milliseconds."""
    started = time.perf_counter()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("set local lock_timeout = {}").format(sql.Literal(_LATEST_SWITCH))
            )
            for old, new in moves:
                cursor.execute(
                    sql.SQL("alter schema {} rename to {}").format(
                        sql.Identifier(old), sql.Identifier(new)
                    )
                )
            cursor.execute("update audit.publication set is_current = false where is_current")
            cursor.execute(
                "update audit.publication set is_current = true where publication_id = %s",
                [current],
            )
    except psycopg2.errors.LockNotAvailable as error:
        raise NotSwitched(f"{error}".strip()) from error
    return round((time.perf_counter() - started) * 1000, 2)


def list_kept(connection: Connection, spec: ServerSpec) -> list[Kept]:
    """Versions that readers see or that can be rolled back to, the newest first."""
    with connection.cursor() as cursor:
        present = schemas_of(cursor)
        if "audit" not in present:
            return []
        cursor.execute(
            "select publication_id, version, as_of, published_at, is_current"
            " from audit.publication order by publication_id desc"
        )
        rows = [Kept(*row) for row in cursor.fetchall()]
    layer = next(iter(spec.layers))
    return [k for k in rows if k.is_current or kept_of(layer, k.publication_id) in present]


def forget_oldest(connection: Connection, spec: ServerSpec) -> None:
    """Drop what is not kept; what a reader still holds waits for the next time.

    Layers with names are never kept: a rollback shows older numbers, not older persons.
    """
    with connection.cursor() as cursor:
        present = schemas_of(cursor)
        others = [k.publication_id for k in list_kept(connection, spec) if not k.is_current]
        kept = {
            kept_of(layer, number)
            for number in others[: spec.keep_versions - 1]
            for layer, about in spec.layers.items()
            if about.is_kept
        }
        old = {n for n in present if n.rpartition("__v")[0] in spec.layers} - kept
        cursor.execute(f"set lock_timeout = '{_LATEST_DROP}'")
        for name in sorted(old):
            with suppress(psycopg2.errors.LockNotAvailable):
                drop_schemas(cursor, [name])
        cursor.execute("set lock_timeout = 0")


def moves_of(
    cursor: Cursor, spec: ServerSpec, source: Callable[[str], str], current: Kept | None
) -> list[tuple[str, str]]:
    """Renames: the current schemas aside, those that `source` names in their place."""
    present = schemas_of(cursor)
    coming = [layer for layer in spec.layers if source(layer) in present]
    aside = [
        (layer, kept_of(layer, current.publication_id))
        for layer in coming
        if current and layer in present
    ]
    return aside + [(source(layer), layer) for layer in coming]
