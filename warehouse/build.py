"""Build one layer of the private warehouse with dbt and keep what became of each node.

What enters: a run with its accepted rows. What leaves: tables in the private database and
`outcomes/<run>/dbt/<layer>.json`, one row a node. Durations stay there: marts must not depend on
how fast a machine is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from ingest.deliveries import DiskFull, says_disk_full, write_atomically
from ingest.runs import RunContext
from ingest.settings import Settings
from warehouse.errors import LayerFailed, LayerNotBuilt, NotAccepted
from warehouse.history import write_history
from warehouse.runner import Node, build_database, duckdb_engine, run_dbt

LAYERS = ("seeds", "staging", "facts", "marts")


@dataclass(frozen=True)
class Load:
    """What the accepted rows say about the run that they belong to."""

    order_id: str
    as_of: date
    load_id: str


def read_load(run: RunContext) -> Load:
    """The run's own row.

    Raises:
        NotAccepted: the rows were not checked yet.
    """
    path = run.accepted_dir / "run.parquet"
    if not path.exists():
        raise NotAccepted(path)
    row = pq.read_table(path, columns=["order_id", "as_of", "load_id"]).to_pylist()[0]
    return Load(**row)


def outcome_path(run: RunContext, layer: str) -> Path:
    """Where the outcome rows of a layer lie."""
    return run.outcomes_dir / "dbt" / f"{layer}.json"


def forget_layers(run: RunContext, layer: str) -> None:
    """Forget what became of a layer and of those above it."""
    for later in LAYERS[LAYERS.index(layer) :]:
        outcome_path(run, later).unlink(missing_ok=True)


def _begin(run: RunContext, layer: str) -> None:
    """Forget what is about to be built again, and start the database anew with the first layer."""
    forget_layers(run, layer)
    database = build_database(run.settings)
    if layer == LAYERS[0]:
        database.parent.mkdir(parents=True, exist_ok=True)
        for path in (database, database.with_name(f"{database.name}.wal")):
            path.unlink(missing_ok=True)


def require_built(run: RunContext, load: Load, layer: str) -> None:
    """Check that a layer of this very load was built and nothing in it failed.

    Raises:
        LayerNotBuilt: it was not.
    """
    path = outcome_path(run, layer)
    if not path.exists() or not build_database(run.settings).exists():
        raise LayerNotBuilt(layer, "no outcome of it")
    rows = json.loads(path.read_text(encoding="utf-8"))
    loads = {row["load_id"] for row in rows}
    if loads != {load.load_id}:
        raise LayerNotBuilt(layer, f"load {', '.join(sorted(loads)) or 'none'}")
    failed = [row["node"] for row in rows if not row["is_ok"]]
    if failed:
        raise LayerNotBuilt(layer, f"failures of {', '.join(failed[:5])}")


def holds(run: RunContext) -> bool:
    """Whether the private database was begun for this load: another run may have begun since."""
    if not build_database(run.settings).exists():
        return False
    with connect_built(run.settings) as connection:
        try:
            found = connection.execute("select load_id from staging.stg_control__run").fetchall()
        except duckdb.Error:
            return False  # not begun, or the files of the run that began it are gone
    return found == [(read_load(run).load_id,)]


def connect_built(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The private database after dbt has left it, for reading."""
    return duckdb.connect(f"{build_database(settings)}", read_only=True)


def _counted(settings: Settings, nodes: Iterable[Node]) -> list[Node]:
    """The nodes with the number of rows of each table that was built."""
    with connect_built(settings) as connection:
        counted = []
        for node in nodes:
            if node.is_ok and node.relation:
                found = connection.execute(f"select count(*) from {node.relation}").fetchone()
                counted.append(node.with_rows(found[0] if found else 0))
            else:
                counted.append(node)
    return counted


def _row(run: RunContext, load: Load, layer: str, node: Node) -> dict[str, Any]:
    return {
        "as_of": f"{run.as_of}",
        "run_id": run.run_id,
        "load_id": load.load_id,
        "layer": layer,
        "node": node.name,
        "kind": node.kind,
        "status": node.status,
        "is_ok": node.is_ok,
        "seconds": node.seconds,
        "n_rows": node.n_rows,
        "n_failures": node.n_failures,
        "message": node.message,
    }


def build_layer(run: RunContext, layer: str) -> list[str]:
    """Build a layer and everything that dbt tests on it; `seeds` starts the warehouse anew.

    Returns:
        names of the nodes, tests included, in the order in which they ended.

    Raises:
        NotAccepted: the run's rows were not checked yet.
        LayerNotBuilt: the layer under this one is not there for this load.
        LayerFailed: a model or a test failed; each is named.
        ProjectNotUnderstood: dbt could not start.
        DiskFull: no room was left for the tables.
    """
    load = read_load(run)
    for below in LAYERS[: LAYERS.index(layer)]:
        require_built(run, load, below)
    _begin(run, layer)
    if layer == LAYERS[0]:
        write_history(run)
    engine = duckdb_engine(run.settings, run.accepted_dir)
    nodes = _counted(run.settings, run_dbt(engine, layer))
    rows = [_row(run, load, layer, node) for node in nodes]
    text = json.dumps(rows, ensure_ascii=False, indent=1, sort_keys=True)
    write_atomically(outcome_path(run, layer), text.encode())
    failed = [node for node in nodes if not node.is_ok and node.status != "skipped"]
    if any(says_disk_full(node.message) for node in failed):
        raise DiskFull(
            f"no room to build the layer {layer} in {run.settings.warehouse}; "
            "free space and run again: nothing received so far is lost"
        )
    if any(not node.is_ok for node in nodes):
        raise LayerFailed(layer, [f"{node.name}: {node.message}" for node in failed])
    return [node.name for node in nodes]
