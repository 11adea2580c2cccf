"""Runs of control dates: when they start, and which date each of them is for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bvb.which_run import RunNotUnderstood, control_moments, resolve_control_date
from ingest.settings import MOSCOW, Settings

DAGS = Path(__file__).resolve().parents[2] / "dags"


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


def test_a_control_date_runs_on_the_morning_after_its_freeze() -> None:
    starts = {day: moment for moment, day in control_moments().items()}
    assert starts[date(2024, 9, 16)] == moscow("2024-09-20T06:00")  # 17, 18, 19 are the three days
    assert starts[date(2024, 11, 18)] == moscow("2024-11-22T06:00")
    assert date(2024, 9, 30) not in starts  # a month's end is the monthly run's


def test_two_dates_that_freeze_together_start_one_after_another() -> None:
    starts = sorted((m, d) for m, d in control_moments().items() if d.month in (8, 9))
    by_day = {day: moment for moment, day in starts}
    assert by_day[date(2024, 9, 1)].date() == by_day[date(2024, 8, 30)].date()
    assert by_day[date(2024, 9, 1)] - by_day[date(2024, 8, 30)] == timedelta(minutes=10)


def test_every_start_finds_its_own_date_again() -> None:
    for moment, day in control_moments().items():
        assert resolve_control_date(None, moment) == day
        assert resolve_control_date(None, moment + timedelta(minutes=9)) == day


def test_a_date_in_the_form_wins() -> None:
    assert resolve_control_date("2024-10-14", moscow("2024-12-01T00:00")) == date(2024, 10, 14)


def test_before_the_first_control_date_there_is_nothing_to_run() -> None:
    with pytest.raises(RunNotUnderstood, match="after the first control date"):
        resolve_control_date(None, moscow("2024-01-01T00:00"))


def test_the_schedule_comes_from_the_order() -> None:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.serialized_objects import DagSerialization

    from bvb.airflow import prepare

    prepare()
    dag: Any = DagBag(str(DAGS)).dags["control_dates"]
    told = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    events = [moment.astimezone(MOSCOW) for moment in told.timetable.event_dates]
    assert events == sorted(control_moments())


def test_the_watch_of_a_day_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bvb.watch_steps import watch_counts, watch_day

    settings = Settings(tmp_path)
    # Nothing is published: the order's own dates. 16 September is ten working days after the 2nd.
    found = watch_day(date(2024, 9, 2), settings)
    due = {item.control_id for item in found.due_in(10)}
    assert {"14-1", "20-1", "28-1"} <= due
    assert {item.control_id for item in found.due_in(0)} == {"12-1", "27-1", "29-1"}  # moved here
    assert (tmp_path / "outcomes" / "watch" / "2024-09-02.json").is_file()
    assert watch_day(date(2024, 9, 1), settings).reminders == ()  # a Sunday reminds of nothing
    monkeypatch.setenv("BVB_DATA_DIR", str(tmp_path))
    counts = watch_counts("2024-09-02")
    assert counts["due_in_10_wd"] == len(due) and "overdue" not in counts
