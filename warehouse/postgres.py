"""The same dbt project on a PostgreSQL server: a run's accepted rows go there, then every layer.

What enters: a run's accepted folder and the address of a database of the build's own. What leaves:
the tables of all layers in it, and one `Node` for each node that dbt touched. What readers see is
not touched: the schemas have the same names, so a database of readers is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ingest.settings import Settings
from warehouse.errors import DatabaseOfOthers, LayerFailed, UnfitDatabase
from warehouse.runner import Engine, Node, parse_project, run_dbt
from warehouse.server.connection import Server

# Models make texts of dates: another style would make other texts.
_DATE_STYLE = "ISO, MDY"
# Order and case of letters as DuckDB has them.
_FIT = "select current_setting('server_encoding'), 'ё' > 'я' and 'B' < 'a' and lower('Ё') = 'ё'"


@dataclass(frozen=True)
class _Source:
    """A file of the run and the table that the project reads in its place."""

    schema: str
    table: str
    path: Path
    columns: tuple[str, ...]


def postgres_engine(settings: Settings, accepted_dir: Path, server: Server) -> Engine:
    """The server's database as dbt sees it."""
    told = (
        ("BVB_RUN_DIR", f"{accepted_dir.absolute()}"),
        ("PGHOST", server.host),
        ("PGPORT", f"{server.port}"),
        ("PGDATABASE", server.database),
        ("PGUSER", server.user),
        ("PGPASSWORD", server.password),
    )
    return Engine("postgres", settings.warehouse / "dbt_postgres", told)


def _sources(manifest: Any) -> list[_Source]:
    """Every source of the project; where a source names columns, only these are taken."""
    return [
        _Source(
            source.schema,
            source.identifier,
            Path(source.meta["external_location"].format(name=source.name)),
            tuple(source.columns),
        )
        for source in manifest.sources.values()
    ]


def _schemas(manifest: Any) -> set[str]:
    """Schemas that dbt itself writes."""
    kinds = ("model", "seed")
    return {node.schema for node in manifest.nodes.values() if node.resource_type in kinds}


def _require_own(cursor: Any, written: set[str], read: set[str]) -> None:
    """Check that the database is the build's own and sorts and folds letters as DuckDB does."""
    cursor.execute(_FIT)
    encoding, is_alike = cursor.fetchone()
    if encoding != "UTF8" or not is_alike:
        raise UnfitDatabase(encoding)
    cursor.execute("select nspname from pg_namespace")
    found = {name for (name,) in cursor.fetchall()}
    if found & written and not read <= found:
        raise DatabaseOfOthers(sorted(found & written))


def _prepare(cursor: Any, schemas: set[str]) -> None:
    cursor.execute("select quote_ident(current_database())")
    (database,) = cursor.fetchone()
    cursor.execute(f"alter database {database} set datestyle = '{_DATE_STYLE}'")
    for schema in sorted(schemas):
        cursor.execute(f'drop schema if exists "{schema}" cascade')
        cursor.execute(f'create schema "{schema}"')


def load_sources(manifest: Any, server: Server) -> int:
    """Copy every file that the project reads into its table, all or none.

    Args:
        manifest: the project as `parse_project` understood it for this server and run.
        server: a database of the build's own.

    Returns:
        number of rows.

    Raises:
        ServerUnreachable: nobody answers there, or the user is not known.
        UnfitDatabase: its encoding or collation would give other figures.
        DatabaseOfOthers: its schemas were not made by an earlier build.
    """
    sources = _sources(manifest)
    schemas = {source.schema for source in sources}
    n_rows = 0
    with server.ingesting() as connection, connection.cursor() as cursor:
        _require_own(cursor, _schemas(manifest), schemas)
        connection.adbc_connection.set_autocommit(False)
        _prepare(cursor, schemas)
        for source in sources:
            rows = pq.read_table(source.path, columns=list(source.columns) or None)
            cursor.adbc_ingest(source.table, rows, mode="create", db_schema_name=source.schema)
            n_rows += rows.num_rows
        connection.adbc_connection.commit()
    return n_rows


def build_in_postgres(settings: Settings, accepted_dir: Path, server: Server) -> list[Node]:
    """Load a run's accepted rows and build and test all layers from them.

    Raises:
        LayerFailed: a model or a test failed; each is named.
        ProjectNotUnderstood: dbt stopped before its first node.
        ServerUnreachable, UnfitDatabase, DatabaseOfOthers: see `load_sources`.
    """
    engine = postgres_engine(settings, accepted_dir, server)
    manifest = parse_project(engine)
    load_sources(manifest, server)
    nodes = run_dbt(engine, None)
    failed = [node for node in nodes if not node.is_ok]
    if failed:
        raise LayerFailed("postgres", [f"{node.name}: {node.message}" for node in failed])
    return nodes
