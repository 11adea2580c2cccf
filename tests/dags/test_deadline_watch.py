"""The watch's DAG: which of its two endings lights, and what it leaves on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

DAGS = Path(__file__).resolve().parents[2] / "dags"


@pytest.fixture(scope="module")
def dag() -> Any:
    from airflow.dag_processing.dagbag import DagBag

    from bvb.airflow import prepare

    prepare()
    return DagBag(str(DAGS)).dags["deadline_watch"]


@pytest.mark.parametrize(
    ("day", "lit"),
    [("2024-09-02", "something_due"), ("2024-09-01", "nothing_due"), ("2019-01-09", "nothing_due")],
)
def test_one_ending_lights(
    dag: Any, day: str, lit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BVB_DATA_DIR", str(tmp_path))
    run = dag.test(run_conf={"day": day})
    states = {task.task_id: f"{task.state}" for task in run.get_task_instances()}
    dark = {"something_due": "nothing_due", "nothing_due": "something_due"}[lit]
    about = {name: states.pop(name) for name in ("receive_files", "send_letters")}
    assert states == {"list_deadlines": "success", lit: "success", dark: "skipped"}
    # Nobody has set a mail connection up.
    assert about == {"receive_files": "success", "send_letters": "skipped"}
    kept = json.loads((tmp_path / "outcomes" / "watch" / f"{day}.json").read_text(encoding="utf-8"))
    assert kept["day"] == day
    assert bool(kept["reminders"]) is (lit == "something_due")


def test_every_task_that_can_be_red_is_in_the_advice(dag: Any) -> None:
    red = set(dag.task_ids) - {"something_due", "nothing_due"}
    assert {name for name in red if f"`{name}` |" not in dag.doc_md} == set()


def test_it_wakes_at_seven_in_moscow(dag: Any) -> None:
    assert (dag.timetable.expression, f"{dag.timetable.timezone}") == ("0 7 * * *", "Europe/Moscow")
