"""Publication to the server: load aside, compare, switch in one transaction, keep the last ones.

What enters: what is frozen. What leaves: the schemas of `server.yml` in their new version; readers
see the old one whole or the new one whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from psycopg2 import sql

from ingest.reference import Territory
from ingest.settings import Settings
from warehouse.server.connection import Connection, Cursor, Server
from warehouse.server.contents import Contents, load_contents, open_source
from warehouse.server.errors import NothingToRollBack
from warehouse.server.loading import (
    add_comments,
    add_keys,
    create_table,
    require_equal,
    send_rows,
    stage_of,
)
from warehouse.server.roles import grant_rights, make_roles
from warehouse.server.spec import ServerSpec, load_server_spec
from warehouse.server.versions import (
    alone,
    drop_schemas,
    forget_oldest,
    kept_of,
    list_kept,
    moves_of,
    switch,
)


@dataclass(frozen=True)
class Published:
    """What readers of the server see after a call."""

    publication_id: int
    version: str
    is_new: bool
    n_tables: int
    n_rows: int
    switch_ms: float


def _make_schemas(cursor: Cursor, spec: ServerSpec) -> None:
    drop_schemas(cursor, map(stage_of, spec.layers))
    for layer, about in spec.layers.items():
        place = sql.Identifier(stage_of(layer))
        cursor.execute(sql.SQL("create schema {}").format(place))
        cursor.execute(sql.SQL("comment on schema {} is {}").format(place, sql.Literal(about.text)))


def _load(settings: Settings, server: Server, connection: Connection, contents: Contents) -> int:
    """Everything aside, complete: rows, keys, comments, rights, statistics; how many rows."""
    spec, tables = load_server_spec(), contents.tables
    with connection.cursor() as cursor, open_source(settings) as source:
        _make_schemas(cursor, spec)
        for table in tables:
            create_table(cursor, table)
        with server.ingesting() as target:
            for table in tables:
                send_rows(source, target, table)
            n_rows = require_equal(source, target, tables)
        for table in tables:
            add_keys(cursor, table)
            add_comments(cursor, table)
            place = sql.Identifier(stage_of(table.layer), table.name)
            cursor.execute(sql.SQL("analyze {}").format(place))
        grant_rights(cursor, spec, tables)
        return n_rows


def _remember(cursor: Cursor, contents: Contents, now: datetime) -> int:
    cursor.execute(
        "insert into audit.publication"
        " (version, load_id, as_of, fingerprint, published_at, is_current)"
        " values (%s, %s, %s, %s, %s, false) returning publication_id",
        [contents.version, contents.load_id, contents.as_of, contents.fingerprint, now],
    )
    return int((cursor.fetchone() or (0,))[0])


def serve(
    settings: Settings, server: Server, territories: Sequence[Territory], now: datetime
) -> Published:
    """Publish the frozen version to the server; the same one again changes nothing.

    Args:
        settings: where the frozen version lies.
        server: an account that may create roles and schemas.
        territories: each gets its role.
        now: the moment that the publication is remembered by.

    Raises:
        NothingFrozen, PersonsMissing, ServerUnreachable, ServerFell, PublicationBusy,
        TablesDiffer, NotSwitched: readers keep the last version.
    """
    spec = load_server_spec()
    contents = load_contents(settings, spec)
    with server.connected() as connection, alone(connection), connection.cursor() as cursor:
        make_roles(connection, spec, territories)
        current = next((k for k in list_kept(connection, spec) if k.is_current), None)
        cursor.execute("select fingerprint from audit.publication where is_current")
        if current and cursor.fetchone() == (contents.fingerprint,):
            return Published(current.publication_id, current.version, False, 0, 0, 0.0)
        n_rows = _load(settings, server, connection, contents)
        publication_id = _remember(cursor, contents, now)
        switch_ms = switch(connection, moves_of(cursor, spec, stage_of, current), publication_id)
        forget_oldest(connection, spec)
    return Published(
        publication_id, contents.version, True, len(contents.tables), n_rows, switch_ms
    )


def roll_back(server: Server, to: int | None = None) -> Published:
    """Show readers an older version again, the last one unless one is named.

    Raises:
        NothingToRollBack: it is not kept.
        ServerUnreachable, ServerFell, PublicationBusy, NotSwitched: readers keep what they see.
    """
    spec = load_server_spec()
    with server.connected() as connection, alone(connection):
        kept = list_kept(connection, spec)
        current = next((k for k in kept if k.is_current), None)
        older = [k for k in kept if current and k.publication_id < current.publication_id]
        chosen = [k for k in kept if k.publication_id == to and not k.is_current] if to else older
        if not chosen:
            raise NothingToRollBack(f"publication {to}" if to else "an older version")
        target = chosen[0]
        with connection.cursor() as cursor:
            moves = moves_of(cursor, spec, partial(kept_of, number=target.publication_id), current)
        switch_ms = switch(connection, moves, target.publication_id)
    return Published(target.publication_id, target.version, False, 0, 0, switch_ms)
