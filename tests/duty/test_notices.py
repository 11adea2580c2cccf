"""What the duty engineer reads: a red task with its advice, once, and nothing of a row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bvb import approval_steps
from bvb.duty_steps import said, tell, watch_health
from duty.health import Signal
from duty.notices import RedTask, advice, forget_over, red_task, unwell
from ingest.deliveries import DiskFull
from ingest.runs import RunContext, make_run
from ingest.settings import load_settings
from tests.dbt.golden import AS_OF, KNOWN_AT

DAGS = Path(__file__).resolve().parents[2] / "dags"
SURNAME = "Журавлёва-Канарейкина"


def notice(error: str = "DiskFull: no room", task: str = "publish") -> Any:
    page = (DAGS / "ministry_report.md").read_text(encoding="utf-8")
    return red_task(RedTask("ministry_report", task, "r1", "2024-09-30", error, "log", page))


def test_the_advice_is_that_of_the_dags_own_page() -> None:
    text = notice().text
    assert "Что сказано: DiskFull: no room" in text
    assert "Обычная причина: нет места, каталог занят" in text
    assert "Что делать: освободить, повторить; `marts/current` не изменён" in text
    assert advice("", "unknown")[1].startswith("сделать, что сказано")


def test_an_error_of_a_library_may_quote_a_row_and_is_not_sent() -> None:
    foreign = said(ValueError(f"could not convert {SURNAME}"))
    assert SURNAME not in foreign and foreign.startswith("ValueError")
    assert said(DiskFull("no room in marts")) == "DiskFull: no room in marts"


def test_the_same_trouble_is_told_once_and_again_when_it_comes_back(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    signal = unwell(Signal("disk_low", "data", "свободно 1 ГБ"))
    assert tell(settings, [signal]) == {"new": 1, "sent": 0}
    assert tell(settings, [signal]) == {"new": 0, "sent": 0}
    assert forget_over(settings, ["Мало места на диске"], [signal]) == 0
    assert forget_over(settings, ["Мало места на диске"], []) == 1
    assert tell(settings, [signal]) == {"new": 1, "sent": 0}


def test_the_watch_tells_what_it_sees(tmp_path: Path) -> None:
    steps = tmp_path / "outcomes" / "2024-09-30__20241003T235959" / "steps"
    steps.mkdir(parents=True)
    (steps / "facts.json").write_text("{}")
    import os

    os.utime(steps / "facts.json", (0, 0))
    counts = watch_health(load_settings(tmp_path))
    assert counts["unwell"] == counts["new"] == 1
    (text,) = (tmp_path / "outcomes" / "notices").glob("*.txt")
    assert "docs/runbooks/stuck_run.md" in text.read_text(encoding="utf-8")


def test_a_red_task_in_airflow_leaves_its_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    from bvb.airflow import prepare

    prepare()
    monkeypatch.setenv("BVB_DATA_DIR", str(tmp_path))
    (tmp_path / "outcomes").mkdir()
    (tmp_path / "outcomes" / "watch").write_text("a file where a folder belongs")
    run = DagBag(str(DAGS)).dags["deadline_watch"].test(run_conf={"day": "2024-09-02"})
    assert f"{run.state}" == "failed"
    texts = [path.read_text("utf-8") for path in (tmp_path / "outcomes" / "notices").glob("*.txt")]
    assert any("Красная задача list_deadlines: deadline_watch" in text for text in texts)
    assert all(f"{tmp_path}" not in text for text in texts), "the words of the system stay here"


@pytest.fixture
def run(tmp_path: Path) -> RunContext:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ingest.settings import MOSCOW

    made = make_run(load_settings(tmp_path), AS_OF, KNOWN_AT.replace(tzinfo=MOSCOW))
    made.accepted_dir.mkdir(parents=True)
    row = {"order_id": "r-423-2024", "as_of": AS_OF, "load_id": "one"}
    pq.write_table(pa.Table.from_pylist([row]), made.accepted_dir / "run.parquet")
    (made.outcomes_dir / "steps").mkdir(parents=True)
    report = {"files": ["reports/ministry_workbook__x.xlsx"]}
    (made.outcomes_dir / "steps" / "report.json").write_text(json.dumps(report))
    return made


def answer(option: str, why: str = "сверено") -> dict[str, Any]:
    return {
        "chosen_options": [option],
        "params_input": {"why": why},
        "responded_at": "2024-12-05 06:00:00.848611+00:00",
        "responded_by_user": {"id": "1", "name": "officer"},
    }


def test_who_when_and_why_are_kept_and_a_no_is_not_sent(run: RunContext) -> None:
    no = approval_steps.remember(run, answer("Не отправлять", "проверить Луховицы"))
    assert (no.is_yes, no.who, no.why) == (False, "officer", "проверить Луховицы")
    assert approval_steps.send(run) == {"sent": False, "reason": "не одобрено"}
    kept = json.loads((run.outcomes_dir / "approval.json").read_text(encoding="utf-8"))
    assert kept["at"] == "2024-12-05T09:00:00+03:00"


def test_a_yes_without_a_mail_connection_says_what_to_send(run: RunContext) -> None:
    assert approval_steps.remember(run, answer("Отправить")).is_yes
    assert "ministry_workbook__x.xlsx" in approval_steps.send(run)["reason"]


def test_nobody_answered(run: RunContext) -> None:
    late = {"chosen_options": ["Не отправлять"], "responded_by_user": None, "params_input": {}}
    assert approval_steps.remember(run, late).who == "никто: вышло время"
