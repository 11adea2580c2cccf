"""A run built once more on a PostgreSQL server, and every table compared with what was published.

What enters: a published run and the address of a database of the build's own. What leaves: how many
tables and nodes agreed, or an error that names the tables that do not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ingest.runs import RunContext
from warehouse.build import read_load
from warehouse.errors import EnginesDisagree, NothingPublished
from warehouse.fingerprint import asking_postgres, asking_version, differences, tables
from warehouse.history import BY_DATE
from warehouse.postgres import build_in_postgres
from warehouse.publish import MANIFEST
from warehouse.server.connection import Server


@dataclass(frozen=True)
class Agreement:
    """What was built there and found to be the same."""

    version: str
    n_tables: int
    n_nodes: int


def _published(run: RunContext) -> Path:
    """Folder of the version that holds this very load."""
    load = read_load(run)
    folder = (run.settings.marts / BY_DATE / f"{load.order_id}__{load.as_of}").resolve()
    path = folder / MANIFEST
    if path.exists() and json.loads(path.read_text(encoding="utf-8"))["load_id"] == load.load_id:
        return folder
    raise NothingPublished(path)


def crosscheck(run: RunContext, server: Server) -> Agreement:
    """Build and test the run's layers on the server and compare facts and marts.

    Raises:
        NotAccepted: the run's rows were not checked yet.
        NothingPublished: this load was not published, or another of its date was since.
        EnginesDisagree: tables differ; each is named with its columns.
        LayerFailed, ProjectNotUnderstood, ServerUnreachable, UnfitDatabase, DatabaseOfOthers: the
            build on the server did not come to its end.
    """
    folder = _published(run)
    nodes = build_in_postgres(run.settings, run.accepted_dir, server)
    with asking_version(folder) as one, asking_postgres(server) as other:
        found = differences(one, other)
        if found:
            raise EnginesDisagree(map(str, found))
        return Agreement(folder.name, len(tables(one)), len(nodes))
