"""Freeze facts and marts of a green build and let readers see them, whole or not at all.

What enters: a run whose layers were built. What leaves: `marts/<version>/` with one Parquet file a
table and `manifest.json`, the links `marts/current` and `marts/by_date/<order>__<as_of>`, and the
catalogue over them. The same load gives the same version with the same bytes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingest.digest import digest_of
from ingest.runs import RunContext
from ingest.sql import sql_text
from warehouse.build import LAYERS, Load, connect_built, read_load, require_built
from warehouse.catalogue import refresh_catalogue
from warehouse.descriptions import PUBLISHED, Described, load_descriptions
from warehouse.errors import LayerNotBuilt
from warehouse.files import room_for_duckdb, switch_link, sync
from warehouse.history import BY_DATE

MANIFEST = "manifest.json"
CURRENT = "current"
_ROWS_A_GROUP = 100_000
_WRITERS = 4


@dataclass(frozen=True)
class Publication:
    """What readers see now."""

    version: str
    load_id: str


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """(schema, name) of every table to publish, by name."""
    return connection.execute(
        "select table_schema, table_name from information_schema.tables"
        " where table_schema in (select unnest(?)) order by table_name",
        [list(PUBLISHED)],
    ).fetchall()


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    """(name, type) of a table's columns in their order."""
    return [(row[0], row[1]) for row in connection.execute(f"describe {table}").fetchall()]


def _freeze_table(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, key: Sequence[str], folder: Path
) -> dict[str, Any]:
    """Write one table, its rows ordered by their key, else by all columns; say what was written.

    A test of the build has shown the key to be unique, so equal rows give equal bytes.
    """
    path = folder / f"{name}.parquet"
    temporary = folder / f".{name}.tmp"
    order = ", ".join(key) or "all"
    with room_for_duckdb(temporary):
        copied = connection.execute(
            f"copy (select * from {schema}.{name} order by {order}) to {sql_text(temporary)}"
            f" (format parquet, compression zstd, row_group_size {_ROWS_A_GROUP})"
        ).fetchone()
        sync(temporary)
        os.replace(temporary, path)
    return {
        "file": path.name,
        "sha256": digest_of(path),
        "size": path.stat().st_size,
        "rows": copied[0] if copied else 0,
    }


def _described(columns: list[tuple[str, str]], described: Described | None) -> dict[str, Any]:
    known = {c.name: c.text.both for c in described.columns.values()} if described else {}
    return {
        "description": described.text.both if described else "",
        "key": list(described.key) if described else [],
        "columns": [
            {"name": name, "type": kind, "description": known.get(name, "")}
            for name, kind in columns
        ],
    }


def _freeze(run: RunContext, load: Load, version: str, folder: Path) -> None:
    """Write every table and the manifest into a folder that nobody looks at yet."""
    described = load_descriptions()

    def frozen(table: tuple[str, str]) -> tuple[str, dict[str, Any]]:
        schema, name = table
        known = described.get(name)
        with connection.cursor() as cursor:
            written = _freeze_table(cursor, schema, name, known.key if known else (), folder)
            columns = _columns(cursor, f"{schema}.{name}")
        return name, {"layer": schema, **written, **_described(columns, known)}

    # Most tables are small: the large ones are written beside them.
    with connect_built(run.settings) as connection, ThreadPoolExecutor(_WRITERS) as pool:
        tables = dict(pool.map(frozen, _tables(connection)))
    manifest = {
        "version": version,
        "load_id": load.load_id,
        "order_id": load.order_id,
        "as_of": f"{load.as_of}",
        "known_at": run.known_at.isoformat(),
        "tables": tables,
    }
    path = folder / MANIFEST
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    with room_for_duckdb(folder / f".{MANIFEST}.tmp"):
        path.write_text(text, encoding="utf-8")
        sync(path)
    sync(folder)


def _is_whole(folder: Path) -> bool:
    """Whether a version lies there with every file of its manifest in its size."""
    path = folder / MANIFEST
    if not path.exists():
        return False
    tables = json.loads(path.read_text(encoding="utf-8"))["tables"].values()
    files = [(folder / table["file"], table["size"]) for table in tables]
    return all(file.exists() and file.stat().st_size == size for file, size in files)


def _frozen(run: RunContext, load: Load, version: str) -> Path:
    """The version's folder, written now unless it is there."""
    marts = run.settings.marts
    folder = marts / version
    if _is_whole(folder):
        return folder
    marts.mkdir(parents=True, exist_ok=True)
    for left in marts.glob(".*.tmp"):  # of a killed run; there is one publisher at a time
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
    temporary = marts / f".{version}.tmp"
    temporary.mkdir()
    try:
        _freeze(run, load, version, temporary)
        if folder.exists():  # damaged by hand: put aside and made again
            shutil.rmtree(folder)
        os.replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    sync(marts)
    return folder


def version_of(run: RunContext, load_id: str) -> str:
    """Name of the frozen version of a load."""
    return f"{run.run_id}__{load_id}"


def publish(run: RunContext) -> Publication:
    """Freeze the run's tables and switch the readers to them; again changes nothing.

    Raises:
        NotAccepted: the run's rows were not checked yet.
        LayerNotBuilt: a layer is missing, failed or belongs to another load.
        DiskFull: no room was left; readers keep what they had.
    """
    load = read_load(run)
    for layer in LAYERS:
        require_built(run, load, layer)
    if not _belongs(run, load):
        raise LayerNotBuilt(LAYERS[-1], "the build of another load")
    version = version_of(run, load.load_id)
    folder = _frozen(run, load, version)
    marts = run.settings.marts
    switch_link(marts / BY_DATE / f"{load.order_id}__{load.as_of}", f"../{version}")
    switch_link(marts / CURRENT, version)
    refresh_catalogue(run.settings, json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    return Publication(version, load.load_id)


def _belongs(run: RunContext, load: Load) -> bool:
    """Whether the private database holds this load: another run may have built since."""
    with connect_built(run.settings) as connection:
        found = connection.execute("select load_id from intermediate.int_run").fetchall()
    return found == [(load.load_id,)]
