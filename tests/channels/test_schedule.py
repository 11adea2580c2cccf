"""The DAG and the command: every channel for itself, and nothing at all without channels."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.landing import all_landed
from ingest.settings import Settings
from tests.conftest import run_bvb

from .rigs import Rig, as_environment
from .servers import free_port

DAGS = Path(__file__).resolve().parents[2] / "dags"


@pytest.fixture(scope="module")
def dag() -> Any:
    from airflow.dag_processing.dagbag import DagBag

    from bvb.airflow import prepare

    prepare()
    return DagBag(str(DAGS)).dags["pull_channels"]


@pytest.fixture
def two_channels(
    sftp: Rig, imap: Rig, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """A channel that nobody answers, then a good one."""
    imap.connection["port"] = free_port()
    channels = {}
    for rig in (imap, sftp):
        monkeypatch.setenv(f"AIRFLOW_CONN_{rig.kind.upper()}", as_environment(rig.connection))
        channels[rig.kind] = {"kind": rig.kind, "connection": rig.kind, **rig.spec}
    settings.channels_file.write_text(yaml.safe_dump({"channels": channels}, sort_keys=False))
    sftp.put("M04_consents__T14__2024-09.xlsx", b"x")
    return settings


def _states(run: Any) -> dict[tuple[str, int], str]:
    return {(t.task_id, t.map_index): f"{t.state}" for t in run.get_task_instances()}


def test_a_bad_channel_is_red_and_the_others_are_pulled(
    dag: Any, two_channels: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BVB_DATA_DIR", f"{two_channels.data_dir}")
    monkeypatch.setitem(dag.get_task("pull_channel").partial_kwargs, "retry_delay", timedelta())
    run = dag.test()
    states = _states(run)
    assert states[("pull_channel", 0)] == "failed"
    assert states[("pull_channel", 1)] == "success"
    assert [item.source for item in all_landed(two_channels)] == [
        "T14/M04_consents__T14__2024-09.xlsx"
    ]
    kept = two_channels.outcomes / "channels"
    assert json.loads((kept / "imap.json").read_text("utf-8"))["error"]
    assert json.loads((kept / "sftp.json").read_text("utf-8"))["taken"] == 1


def test_without_channels_only_the_local_folder_is_answered(
    dag: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BVB_DATA_DIR", f"{tmp_path}")
    run = dag.test()
    assert _states(run) == {
        ("list_channels", -1): "success",
        ("pull_channel", -1): "skipped",
        ("answer_arrivals", -1): "success",
        ("channels_pulled", -1): "success",
    }
    assert run.state == "success"
    assert not (tmp_path / "outcomes").exists()


def test_its_tasks_are_named_by_channel_and_repeated_only_for_faults_that_pass(dag: Any) -> None:
    from airflow.sdk import RetryAction

    task = dag.get_task("pull_channel")
    policy = task.partial_kwargs["retry_policy"]
    assert policy.default is RetryAction.FAIL
    assert ConnectionError in policy.rules[0].exception
    assert task.partial_kwargs["map_index_template"] == "{{ channel_label }}"
    assert {t for t in dag.task_ids if f"`{t}`" not in dag.doc_md} == set()
    assert f"{dag.timetable.expression}" == "*/15 * * * *"


def test_the_command_pulls_all_and_tells_of_the_bad_one(
    dag: Any, two_channels: Settings, sftp: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The good channel's connection is one that somebody made in Airflow's interface."""
    from airflow.models.connection import Connection
    from airflow.utils.session import create_session

    monkeypatch.delenv("AIRFLOW_CONN_SFTP")
    with create_session() as session:
        session.add(Connection.from_json(as_environment(sftp.connection), conn_id="sftp"))
    done = run_bvb("pull", "--data", f"{two_channels.data_dir}")
    assert done.returncode == 1, done.stdout + done.stderr
    bad, good = done.stdout.splitlines()
    assert "imap — ChannelUnreachable" in bad
    assert "sftp — в списке 1, принято 1, известно 0" in good
    status = run_bvb("status", "--data", f"{two_channels.data_dir}")
    assert all(name in status.stdout for name in ("imap", "sftp", "принято 1"))


def test_the_command_without_channels_says_where_they_are_described(tmp_path: Path) -> None:
    done = run_bvb("pull", "--data", f"{tmp_path}")
    assert (done.returncode, "channels.yml" in done.stdout) == (0, True)
    unknown = run_bvb("pull", "nosuch", "--data", f"{tmp_path}")
    assert unknown.returncode == 3
    assert "nosuch" in unknown.stderr
