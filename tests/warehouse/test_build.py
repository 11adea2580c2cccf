"""Layers are built by dbt in this process; every node leaves an outcome; failures are named."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ingest.deliveries import DiskFull
from tests.warehouse.conftest import Built
from warehouse import build
from warehouse.build import LAYERS, build_layer
from warehouse.errors import LayerFailed, LayerNotBuilt, NotAccepted, ProjectNotUnderstood, plain
from warehouse.runner import PROJECT, Node, build_database, target_dir


def outcome(built: Built, layer: str) -> list[dict[str, Any]]:
    path = built.run().outcomes_dir / "dbt" / f"{layer}.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def test_every_node_of_the_project_runs_in_one_layer(built_once: Built) -> None:
    manifest = json.loads((target_dir(built_once.run().settings) / "manifest.json").read_text())
    expected = sorted(node["name"] for node in manifest["nodes"].values())
    assert sorted(name for names in built_once.nodes.values() for name in names) == expected
    assert len(expected) > 100
    assert all(built_once.nodes[layer] for layer in LAYERS)


def test_outcomes_say_rows_status_and_time(built_once: Built) -> None:
    rows = {row["node"]: row for layer in LAYERS for row in outcome(built_once, layer)}
    progress = rows["mart_indicator_progress"]
    assert (progress["status"], progress["n_rows"], progress["layer"]) == ("success", 536, "marts")
    assert rows["territories"]["n_rows"] == 66
    assert rows["progress_has_every_row"]["n_failures"] == 0
    assert rows["progress_has_every_row"]["kind"] == "test"
    assert rows["stg_platform__pupils"]["n_rows"] == 7
    assert all(row["seconds"] >= 0 and row["is_ok"] for row in rows.values())


def test_nothing_is_written_beside_the_data(built_once: Built) -> None:
    written = {path.name for path in PROJECT.iterdir()}
    assert not written & {"target", "logs", "dbt_packages", ".user.yml"}
    assert (target_dir(built_once.run().settings) / "manifest.json").is_relative_to(built_once.data)


def test_the_environment_is_as_before(built_once: Built) -> None:
    assert built_once.nodes
    assert not {"BVB_RUN_DIR", "BVB_BUILD_DB"} & set(os.environ)


def test_rows_have_to_be_accepted_first(tmp_path: Path) -> None:
    with pytest.raises(NotAccepted, match="run the step validate first"):
        build_layer(Built(tmp_path, {}).run(), "seeds")


def test_a_layer_wants_the_one_below(built: Built) -> None:
    (built.run().outcomes_dir / "dbt" / "facts.json").unlink()
    with pytest.raises(LayerNotBuilt, match="layer facts"):
        build_layer(built.run(), "marts")


def node(name: str, status: str, message: str) -> Node:
    return Node(name, "model", None, status, 0.1, None, None, message)


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[Node]:
    """What dbt answers in place of a call."""
    nodes: list[Node] = []
    monkeypatch.setattr(build, "run_dbt", lambda *_: nodes)
    return nodes


def test_a_failed_node_is_named_and_stays_in_the_outcome(
    built: Built, answered: list[Node]
) -> None:
    answered += [node("fct_target", "error", "broken"), node("mart_x", "skipped", "")]
    with pytest.raises(LayerFailed, match="fct_target: broken") as caught:
        build_layer(built.run(), "facts")
    assert caught.value.failures == ("fct_target: broken",)
    assert [(r["node"], r["is_ok"]) for r in outcome(built, "facts")] == [
        ("fct_target", False),
        ("mart_x", False),
    ]
    # The layer above does not stand on it any more.
    with pytest.raises(LayerNotBuilt, match="failures of fct_target"):
        build_layer(built.run(), "marts")
    assert not (built.run().outcomes_dir / "dbt" / "marts.json").exists()


def test_a_warning_does_not_stop(built: Built, answered: list[Node]) -> None:
    answered.append(node("summary_claims_near_the_platform", "warn", "Got 3 results"))
    assert build_layer(built.run(), "marts") == ["summary_claims_near_the_platform"]


def test_a_full_disk_is_said_plainly(built: Built, answered: list[Node]) -> None:
    answered.append(node("fct_participation", "error", "No space left on device"))
    with pytest.raises(DiskFull, match="free space"):
        build_layer(built.run(), "facts")


def test_a_real_failure_names_the_test_and_what_to_do(built: Built) -> None:
    """An unknown order breaks the configuration test of the facts, not of the seeds."""
    run = built.run()
    path = run.accepted_dir / "run.parquet"
    row = pq.read_table(path)
    index = row.schema.get_field_index("order_id")
    pq.write_table(row.set_column(index, "order_id", [["r-1-1999"]]), path)
    build_layer(run, "staging")
    with pytest.raises(LayerFailed, match="run_has_every_parameter") as caught:
        build_layer(run, "facts")
    assert "What to do" in f"{caught.value}"
    assert build_database(run.settings).exists()


def test_a_broken_project_is_said_in_one_line(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "project"
    shutil.copytree(PROJECT, copy)
    (copy / "models" / "marts" / "mart_odd.sql").write_text("select * from {{ ref('nothing') }}")
    monkeypatch.setattr("warehouse.runner.PROJECT", copy)
    with pytest.raises(ProjectNotUnderstood, match="mart_odd") as caught:
        build_layer(built.run(), "marts")
    assert "\n" not in f"{caught.value}"


def test_messages_lose_quoted_values_but_keep_names() -> None:
    message = "Could not convert string 'Иванов Иван' to DATE\n  in 'stg_platform__pupils'"
    assert plain(message) == "Could not convert string '…' to DATE in 'stg_platform__pupils'"


def test_messages_lose_dates_and_ids_too() -> None:
    assert plain("key '2011-03-07' of 'U0007884' in 'dim_pupil'") == "key '…' of '…' in 'dim_pupil'"
