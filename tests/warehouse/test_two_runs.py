"""Two runs on one private warehouse at once: who finds another's begins anew, none is mixed."""

from __future__ import annotations

import duckdb
import pytest

import warehouse.build
from bvb import steps
from ingest.runs import RunContext
from tests.warehouse.conftest import Built, layers_asked_of
from warehouse.build import LAYERS, holds
from warehouse.runner import build_database


def _begun_by_another(run: RunContext) -> None:
    with duckdb.connect(f"{build_database(run.settings)}") as connection:
        connection.execute(
            "create or replace view staging.stg_control__run as select 'another' as load_id"
        )


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Layers that were asked for, instead of building them."""
    return layers_asked_of(warehouse.build, monkeypatch)


def test_a_database_belongs_to_the_run_that_began_it(built: Built) -> None:
    run = built.run()
    assert holds(run)
    _begun_by_another(run)
    assert not holds(run)
    build_database(run.settings).unlink()
    assert not holds(run)


@pytest.mark.parametrize("layer", ["facts", "marts"])
def test_only_what_another_run_took_is_built_again(
    built: Built, called: list[str], layer: str
) -> None:
    run = built.run()
    steps.STEPS[layer](run)
    assert called == [layer]
    called.clear()
    _begun_by_another(run)
    steps.STEPS[layer](run)
    assert called == list(LAYERS[: LAYERS.index(layer) + 1])
