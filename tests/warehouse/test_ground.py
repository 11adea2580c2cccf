"""Seeds and views stand while the project does; whatever stood on them is built anew."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.runs import RunContext
from tests.dbt.golden import golden_run
from tests.warehouse.conftest import Built, layers_asked_of
from warehouse import build, ground
from warehouse.build import build_layer, holds
from warehouse.errors import LayerNotBuilt
from warehouse.ground import GROUND, lay_ground
from warehouse.runner import build_database


def outcome(run: RunContext, layer: str) -> list[dict[str, Any]]:
    path = run.outcomes_dir / "dbt" / f"{layer}.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def give_load(run: RunContext, load_id: str) -> None:
    path = run.accepted_dir / "run.parquet"
    row = pq.read_table(path).to_pylist()[0] | {"load_id": load_id}
    pq.write_table(pa.Table.from_pylist([row], schema=pq.read_schema(path)), path)


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> RunContext:
    run = Built(tmp_path_factory.mktemp("ground") / "data", {}).run()
    golden_run().write(run.accepted_dir)
    lay_ground(run)
    return run


@pytest.fixture
def no_dbt(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Layers that somebody wanted to build."""
    return layers_asked_of(ground, monkeypatch)


def test_another_load_of_the_run_finds_it_standing(laid: RunContext, no_dbt: list[str]) -> None:
    before = {layer: [row["node"] for row in outcome(laid, layer)] for layer in GROUND}
    give_load(laid, "the-next-load")
    path = laid.accepted_dir / "P03.parquet"
    pupils = pq.read_table(path)
    pq.write_table(pupils.slice(0, 3), path)
    with duckdb.connect(f"{build_database(laid.settings)}") as con:
        con.execute("create schema if not exists facts")
        con.execute("create table facts.of_the_load_before as select 1 as x")
    assert lay_ground(laid) == [node for layer in GROUND for node in before[layer]]
    assert no_dbt == []
    rows = {row["node"]: row for layer in GROUND for row in outcome(laid, layer)}
    assert {row["load_id"] for row in rows.values()} == {"the-next-load"}
    assert {(row["status"], row["is_ok"]) for row in rows.values()} == {("unchanged", True)}
    assert rows["stg_platform__pupils"]["n_rows"] == 3
    assert rows["stg_restricted__pupil_birth"]["n_rows"] > 0
    assert rows["territories"]["n_rows"] == 66
    with duckdb.connect(f"{build_database(laid.settings)}", read_only=True) as con:
        schemas = con.execute("select distinct table_schema from information_schema.tables")
        assert {name for (name,) in schemas.fetchall()} == {"seeds", "staging", "restricted"}
    assert (laid.accepted_dir / "history" / "versions.parquet").exists()
    pq.write_table(pupils, path)


def test_a_changed_project_lays_it_anew(
    laid: RunContext, no_dbt: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(ground, "code_fingerprint", lambda _: "another project")
        lay_ground(laid)
    assert no_dbt == list(GROUND)
    monkeypatch.undo()
    assert lay_ground(laid)


def test_a_database_of_another_run_is_no_ground(
    laid: RunContext, no_dbt: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ground, "holds", lambda _: False)
    lay_ground(laid)
    assert no_dbt == list(GROUND)


def test_a_failed_test_of_the_seeds_is_looked_at_again(laid: RunContext, no_dbt: list[str]) -> None:
    path = laid.outcomes_dir / "dbt" / "seeds.json"
    rows = outcome(laid, "seeds")
    rows[0]["is_ok"] = False
    path.write_text(json.dumps(rows), encoding="utf-8")
    lay_ground(laid)
    assert no_dbt == list(GROUND)


def test_a_data_directory_that_was_moved_is_laid_anew(laid: RunContext) -> None:
    lay_ground(laid)
    old = laid.settings.data_dir
    new = old.with_name("elsewhere")
    old.rename(new)
    try:
        run = Built(new, {}).run()
        assert lay_ground(run)
        assert holds(run)
        build.require_built(run, build.read_load(run), "staging")
    finally:
        new.rename(old)
    assert lay_ground(laid)
    assert holds(laid)


@pytest.mark.parametrize("damage", ["cut", "nonsense"])
def test_a_damaged_database_is_laid_anew(laid: RunContext, damage: str) -> None:
    lay_ground(laid)
    path = build_database(laid.settings)
    data = path.read_bytes()
    path.write_bytes(data[:5000] if damage == "cut" else b"not a database at all")
    assert lay_ground(laid)
    assert holds(laid)


def test_nothing_of_an_older_load_is_taken_for_this_one(laid: RunContext) -> None:
    lay_ground(laid)
    give_load(laid, "a-load-without-ground")
    with pytest.raises(LayerNotBuilt, match=r"layer (staging|seeds)"):
        build_layer(laid, "facts")
    assert lay_ground(laid)
    build.require_built(laid, build.read_load(laid), "staging")
