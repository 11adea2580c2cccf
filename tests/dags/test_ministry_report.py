"""What every DAG of the folder has to be, and what this one has to say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

DAGS = Path(__file__).resolve().parents[2] / "dags"


@pytest.fixture(scope="module")
def dags() -> Iterator[dict[str, Any]]:
    from airflow.dag_processing.dagbag import DagBag

    from bvb.airflow import prepare

    prepare()
    bag = DagBag(str(DAGS))
    assert bag.import_errors == {}
    yield bag.dags


def test_every_dag_has_advice_tags_and_one_run_at_a_time(dags: dict[str, Any]) -> None:
    assert dags
    for dag in dags.values():
        assert "Если красное" in dag.doc_md
        assert dag.tags
        assert dag.max_active_runs == 1
        assert dag.catchup is False


def test_every_task_that_can_be_red_is_in_the_advice(dags: dict[str, Any]) -> None:
    dag = dags["ministry_report"]
    quiet = {"all_files_accepted", "with_rejections"}
    missing = {t for t in dag.task_ids if t not in quiet and f"`{t}`" not in dag.doc_md}
    assert missing == set()


def test_layers_share_the_one_slot_pool(dags: dict[str, Any]) -> None:
    dag = dags["ministry_report"]
    assert {t.task_id for t in dag.tasks if t.pool == "duckdb_writer"} == {
        "staging",
        "facts",
        "marts",
        "publish",
    }


def test_only_passing_faults_are_repeated(dags: dict[str, Any]) -> None:
    from airflow.sdk import RetryAction

    for task in dags["ministry_report"].tasks:
        if task.task_id in ("all_files_accepted", "with_rejections"):
            continue
        policy = task.retry_policy
        assert policy.default is RetryAction.FAIL
        assert policy.rules


def test_dags_can_be_serialised(dags: dict[str, Any]) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in dags.values():
        assert DagSerialization.to_dict(dag)


def test_dag_files_stay_thin() -> None:
    for path in DAGS.glob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) < 80
        assert "import pandas" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("as_of", "key", "expected"),
    [
        ("2024-10-15", None, "2024-10-15"),
        (None, "2024-09", "2024-09-30"),
        (None, "2024-02", "2024-02-29"),
        ("2024-10-15", "2024-09", "2024-10-15"),
    ],
)
def test_the_date_of_a_run(as_of: str | None, key: str | None, expected: str) -> None:
    from bvb.which_run import resolve_as_of

    assert f"{resolve_as_of(as_of, key)}" == expected


def test_a_run_asked_for_without_a_date_is_for_the_last_month() -> None:
    from bvb.which_run import resolve_as_of

    # Late on the last day of October in UTC it is November in Moscow.
    asked = datetime(2024, 10, 31, 22, 30, tzinfo=UTC)
    assert f"{resolve_as_of(None, None, asked)}" == "2024-10-31"


@pytest.mark.parametrize(("as_of", "key"), [(None, None), ("30.09.2024", None), (None, "сентябрь")])
def test_a_run_without_a_date_says_what_to_give(as_of: str | None, key: str | None) -> None:
    from bvb.which_run import RunNotUnderstood, resolve_as_of

    with pytest.raises(RunNotUnderstood, match="expected a date"):
        resolve_as_of(as_of, key)
