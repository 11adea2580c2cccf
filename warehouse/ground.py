"""The ground of the private warehouse: seeds, and views that name and type the accepted files.

What enters: a run with its accepted rows. What leaves: the layers «seeds» and «staging». Neither
holds a row of a delivery, so they stand as long as the project does; what stood on them goes.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import duckdb

from ingest.code import code_fingerprint
from ingest.deliveries import write_atomically
from ingest.runs import RunContext
from warehouse.build import (
    LAYERS,
    Load,
    build_layer,
    connect_built,
    forget_layers,
    holds,
    outcome_path,
    read_load,
)
from warehouse.history import write_history
from warehouse.runner import build_database

GROUND = LAYERS[:2]
# The columns of accepted files are made by the code of the checks.
_ROOMS = ("dbt_project", "expectations", "ingest", "warehouse")
_BUILT_ON_IT = ("marts", "facts", "intermediate")


def _made_with(run: RunContext) -> str:
    """What the views are made with; they name the folder of the accepted files."""
    return f"{code_fingerprint(_ROOMS)} duckdb {duckdb.__version__} {run.accepted_dir.absolute()}"


def _mark_path(run: RunContext) -> Path:
    return run.outcomes_dir / "dbt" / "ground.txt"


def _stands(run: RunContext) -> bool:
    """Whether this very run laid the ground, with the project as it is now, and all of it."""
    mark = _mark_path(run)
    if not mark.exists() or mark.read_text(encoding="utf-8") != _made_with(run) or not holds(run):
        return False
    paths = [outcome_path(run, layer) for layer in GROUND]
    if not all(path.exists() for path in paths):
        return False
    return all(row["is_ok"] for path in paths for row in json.loads(path.read_text("utf-8")))


def _cleared(run: RunContext) -> bool:
    """Whether the ground stands and nothing stands on it any more."""
    with suppress(duckdb.Error):  # damaged, or held by somebody: a new file is begun
        if _stands(run):
            forget_layers(run, LAYERS[2])
            with duckdb.connect(f"{build_database(run.settings)}") as connection:
                for schema in _BUILT_ON_IT:
                    connection.execute(f"drop schema if exists {schema} cascade")
            return True
    return False


def _take_over(run: RunContext, load: Load, layer: str) -> list[str]:
    """Write the outcome of a layer that stands: no time was spent, the rows are today's."""
    path = outcome_path(run, layer)
    rows = json.loads(path.read_text(encoding="utf-8"))
    with connect_built(run.settings) as connection:
        schemas = dict(
            connection.execute(
                "select table_name, table_schema from information_schema.tables"
            ).fetchall()
        )
        for row in rows:
            row |= {"load_id": load.load_id, "status": "unchanged", "seconds": 0.0}
            if row["kind"] == "model":
                relation = f'"{schemas[row["node"]]}"."{row["node"]}"'
                found = connection.execute(f"select count(*) from {relation}").fetchone()
                row["n_rows"] = found[0] if found else 0
    text = json.dumps(rows, ensure_ascii=False, indent=1, sort_keys=True)
    write_atomically(path, text.encode())
    return [row["node"] for row in rows]


def lay_ground(run: RunContext) -> list[str]:
    """Make seeds and staging ready for this load; what was built on them before is gone.

    Returns:
        names of their nodes, built or found standing.

    Raises:
        NotAccepted, LayerFailed, ProjectNotUnderstood, DiskFull: as `build_layer`.
    """
    if not _cleared(run):
        mark = _mark_path(run)
        mark.unlink(missing_ok=True)
        nodes = [node for layer in GROUND for node in build_layer(run, layer)]
        write_atomically(mark, _made_with(run).encode())
        return nodes
    load = read_load(run)
    write_history(run)
    return [node for layer in GROUND for node in _take_over(run, load, layer)]
