"""One call of dbt in this process: quiet, with its files below the data directory.

What enters: an engine with the place of its tables, the run's folder, a layer or everything. What
leaves: one `Node` for each model, seed and test that dbt touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingest.collector import no_collection
from ingest.settings import Settings
from warehouse.errors import ProjectNotUnderstood, plain

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
_GOOD = frozenset({"success", "pass", "warn", "no-op"})
_WHAT_TO_DO = "-- What to do:"


@dataclass(frozen=True)
class Node:
    """What became of one node of the project."""

    name: str
    kind: str
    relation: str | None
    status: str
    seconds: float
    n_rows: int | None
    n_failures: int | None
    message: str

    @property
    def is_ok(self) -> bool:
        """Whether the layer may go on; a warning is a finding for people, not a stop."""
        return self.status in _GOOD

    def with_rows(self, n_rows: int) -> Node:
        """The same node with its number of rows."""
        return replace(self, n_rows=n_rows)


@dataclass(frozen=True)
class Engine:
    """Which output of the profile builds, and what profile and sources read of the environment."""

    target: str
    files: Path  # what dbt keeps between calls, for each engine apart: so it parses less
    told: tuple[tuple[str, str], ...]


def build_database(settings: Settings) -> Path:
    """The private database: one process writes it, nobody else opens it."""
    return settings.warehouse / "build.duckdb"


def target_dir(settings: Settings) -> Path:
    """What dbt keeps between calls, beside the database."""
    return settings.warehouse / "dbt"


def duckdb_engine(settings: Settings, accepted_dir: Path) -> Engine:
    """The private database as dbt sees it."""
    told = (
        ("BVB_RUN_DIR", f"{accepted_dir.absolute()}"),
        ("BVB_BUILD_DB", f"{build_database(settings).absolute()}"),
    )
    return Engine("duckdb", target_dir(settings), told)


@contextmanager
def _told(values: Mapping[str, str]) -> Iterator[None]:
    """The profile and the sources of dbt read the environment; it is set for the call only."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _message(result: Any) -> str:
    """What the engineer reads: the engine's message and what the test's own heading advises."""
    parts = [plain(result.message or "")]
    code = getattr(result.node, "raw_code", "") or ""
    parts += [line[3:] for line in code.splitlines() if line.startswith(_WHAT_TO_DO)]
    return " — ".join(part for part in parts if part)


def _node(result: Any) -> Node:
    node = result.node
    kind = f"{node.resource_type}"
    is_table = kind in ("model", "seed")
    return Node(
        name=node.name,
        kind=kind,
        relation=f'"{node.schema}"."{node.alias}"' if is_table else None,
        status=f"{result.status}",
        seconds=round(result.execution_time, 3),
        n_rows=None,
        n_failures=None if is_table else result.failures,
        message="" if f"{result.status}" in ("success", "pass") else _message(result),
    )


def _arguments(project: Path, engine: Engine, command: tuple[str, ...]) -> list[str]:
    return [
        *("--quiet", "--no-print", "--log-level", "none", "--log-level-file", "none"),
        *command,
        *("--project-dir", f"{project}", "--profiles-dir", f"{project}"),
        *("--target", engine.target),
        *("--target-path", f"{engine.files}", "--log-path", f"{engine.files}"),
    ]


@lru_cache(maxsize=1)
@no_collection()
def _parsed(project: Path, engine: Engine) -> Any:
    """The project as dbt understands it for one run: read once for all layers of a process."""
    from dbt.cli.main import dbtRunner

    with _told(dict(engine.told)):
        result = dbtRunner().invoke(_arguments(project, engine, ("parse",)))
    if result.exception is not None:
        raise ProjectNotUnderstood("parse", plain(f"{result.exception}")) from result.exception
    return result.result


def parse_project(engine: Engine) -> Any:
    """The manifest of dbt: nodes and sources with the names that they have in this engine.

    Raises:
        ProjectNotUnderstood: dbt could not read the project.
    """
    return _parsed(PROJECT, engine)


def close_database() -> None:
    """Close the database: left open, the file would stay locked for every other process."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
    DuckDBConnectionManager.close_all_connections()


@no_collection()
def run_dbt(engine: Engine, layer: str | None) -> list[Node]:
    """Build one layer, or everything; unit tests belong to the tests of the project, not to a run.

    Raises:
        ProjectNotUnderstood: dbt stopped before its first node.
    """
    from dbt.cli.main import dbtRunner

    known = parse_project(engine)
    selected = ("--select", f"tag:{layer}") if layer else ()
    # What becomes of the nodes is returned; to write it as JSON too takes a tenth of the time.
    left_out = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure")
    command = ("--no-write-json", "build", *selected, *left_out)
    with _told(dict(engine.told)):
        result = dbtRunner(manifest=known).invoke(_arguments(PROJECT, engine, command))
        close_database()
    if result.exception is not None:
        where = layer or engine.target
        raise ProjectNotUnderstood(where, plain(f"{result.exception}")) from result.exception
    return [_node(item) for item in result.result]


def generate_docs(settings: Settings, accepted_dir: Path) -> Path:
    """Folder with dbt's page about the built tables (`static_index.html`) and what stands in it.

    Raises:
        ProjectNotUnderstood: dbt could not make it.
    """
    from dbt.cli.main import dbtRunner

    engine = duckdb_engine(settings, accepted_dir)
    known = parse_project(engine)
    # Compiled SQL would name the folders of this machine and nothing else that is new.
    command = ("docs", "generate", "--static", "--no-compile")
    with _told(dict(engine.told)):
        result = dbtRunner(manifest=known).invoke(_arguments(PROJECT, engine, command))
        close_database()
    if result.exception is not None:
        raise ProjectNotUnderstood("docs", plain(f"{result.exception}")) from result.exception
    return engine.files
