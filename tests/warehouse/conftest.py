"""The hand-made region built once through the room itself; tests work on copies of the result."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.runs import RunContext, make_run
from ingest.settings import MOSCOW, load_settings
from tests.dbt.golden import AS_OF, KNOWN_AT, golden_run
from tests.postgres_server import PostgresServer, postgres_server
from warehouse.build import LAYERS, build_layer
from warehouse.publish import publish
from warehouse.query import select
from warehouse.runner import build_database

if TYPE_CHECKING:
    from tests.warehouse.server import Region


@dataclass(frozen=True)
class Built:
    """A data directory after all layers, before anything is published."""

    data: Path
    nodes: dict[str, list[str]]

    def run(self, as_of: date = AS_OF) -> RunContext:
        moment = KNOWN_AT.replace(tzinfo=MOSCOW)
        if as_of != AS_OF:
            moment = datetime(as_of.year, as_of.month, as_of.day, 23, tzinfo=MOSCOW)
        return make_run(load_settings(self.data), as_of, moment)


def another_load(built: Built, load_id: str, as_of: date = AS_OF) -> RunContext:
    """The same figures as another load would have left them: no second call of dbt."""
    first, run = built.run(), built.run(as_of)
    run.accepted_dir.mkdir(parents=True, exist_ok=True)
    row = {"order_id": run.reference.order_id, "as_of": as_of, "load_id": load_id}
    pq.write_table(pa.Table.from_pylist([row]), run.accepted_dir / "run.parquet")
    with duckdb.connect(f"{build_database(run.settings)}") as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.columns"
            " where column_name = 'load_id' and table_schema not in ('staging', 'restricted')"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"update {table} set load_id = ?, as_of = ?", [load_id, as_of])
    for layer in LAYERS:
        rows = (first.outcomes_dir / "dbt" / f"{layer}.json").read_text(encoding="utf-8")
        known = rows.split('"load_id": "', 1)[1].split('"', 1)[0]
        path = run.outcomes_dir / "dbt" / f"{layer}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rows.replace(f'"load_id": "{known}"', f'"load_id": "{load_id}"'))
    return run


def layers_asked_of(room: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Layers that the room wants to build from now on, instead of building them."""
    asked: list[str] = []

    def note(_: RunContext, layer: str) -> list[str]:
        asked.append(layer)
        return []

    monkeypatch.setattr(room, "build_layer", note)
    return asked


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Every layer, by dbt; left as it is."""
    data = tmp_path_factory.mktemp("warehouse") / "data"
    empty = Built(data, {})
    run = empty.run()
    golden_run().write(run.accepted_dir)
    return Built(data, {layer: build_layer(run, layer) for layer in LAYERS})


@pytest.fixture
def built(built_once: Built, tmp_path: Path) -> Built:
    """A copy to publish from and to break."""
    data = tmp_path / "data"
    shutil.copytree(built_once.data, data)
    return Built(data, built_once.nodes)


@pytest.fixture(scope="session")
def published_once(built_once: Built, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A copy with one publication, for tests that only look."""
    data = tmp_path_factory.mktemp("published") / "data"
    shutil.copytree(built_once.data, data)
    copy = Built(data, built_once.nodes)
    publish(copy.run())
    return copy


@pytest.fixture
def published(published_once: Built, tmp_path: Path) -> Built:
    """A copy of the published directory to go on from and to break."""
    data = tmp_path / "data"
    shutil.copytree(published_once.data, data, symlinks=True)
    copy = Built(data, published_once.nodes)
    publish(copy.run())  # the catalogue names folders: the copy needs its own
    return copy


Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def ask(published_once: Built) -> Ask:
    """Rows of a question to the published copy."""
    return lambda sql: select(load_settings(published_once.data), sql).rows


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def served(
    postgres: PostgresServer, published_once: Built, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Region]:
    """Published once, for tests that only look."""
    data = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(published_once.data, data, symlinks=True)
    built = Built(data, published_once.nodes)
    from tests.warehouse.server import region_on, with_a_name

    with_a_name(built)
    with region_on(postgres, built) as region:
        region.serve()
        yield region


@pytest.fixture
def region(postgres: PostgresServer, published: Built) -> Iterator[Region]:
    """A published directory and an empty database, to go on from and to break."""
    from tests.warehouse.server import region_on, with_a_name

    with_a_name(published)
    with region_on(postgres, published) as region:
        yield region


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A server to let fall."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def own_region(own_postgres: PostgresServer, published: Built) -> Iterator[Region]:
    """A published directory and a database on the server that will fall."""
    from tests.warehouse.server import region_on

    with region_on(own_postgres, published) as region:
        yield region
