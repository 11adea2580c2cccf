"""Each detector against its real trouble, and silence when all is well."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from bvb.steps import land
from duty.health import Signal, check_health, server_behind, thresholds
from ingest.settings import MOSCOW, Settings, load_settings
from warehouse.runner import build_database

RUNBOOKS = Path(__file__).resolve().parents[2] / "docs" / "runbooks"
NOW = datetime(2024, 10, 10, 12, 0, tzinfo=MOSCOW)
HOLDER = (
    "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True);"
    " sys.stdin.read()"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(tmp_path)


def signals(settings: Settings, kind: str, now: datetime = NOW) -> list[Signal]:
    return [signal for signal in check_health(settings, now) if signal.kind == kind]


def aged(path: Path, hours: float, now: datetime = NOW) -> Path:
    moment = (now - timedelta(hours=hours)).timestamp()
    os.utime(path, (moment, moment))
    return path


def test_every_signal_has_its_page() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} >= set(thresholds())


def test_a_date_without_marts_is_red_until_it_is_published(settings: Settings) -> None:
    found = {signal.about for signal in signals(settings, "month_red")}
    assert "2024-09-30" in found and "2024-10-14" not in found
    (settings.marts / "by_date" / "r-423-2024__2024-09-30").mkdir(parents=True)
    assert "2024-09-30" not in {signal.about for signal in signals(settings, "month_red")}
    # Before the run of the date could have ended nobody is called.
    early = datetime(2024, 10, 5, 12, 0, tzinfo=MOSCOW)
    assert "2024-09-30" not in {s.about for s in signals(settings, "month_red", early)}


def test_nothing_arrived_is_said_after_a_due_day_and_not_when_a_file_has_come(
    settings: Settings,
) -> None:
    assert len(signals(settings, "nothing_arrived")) == 1
    assert signals(settings, "nothing_arrived", datetime(2023, 1, 1, tzinfo=MOSCOW)) == []
    settings.incoming.mkdir()
    path = settings.incoming / "a.csv"
    path.write_text("x\n")
    aged(path, 1)
    land(settings, NOW)
    assert signals(settings, "nothing_arrived") == []


def test_landed_files_that_nobody_reads(settings: Settings) -> None:
    settings.incoming.mkdir()
    path = settings.incoming / "a.csv"
    path.write_text("x\n")
    aged(path, 5)
    land(settings, NOW - timedelta(hours=3))
    (signal,) = signals(settings, "unread_files")
    assert signal.found.startswith("файлов: 1")
    assert signals(settings, "unread_files", NOW - timedelta(hours=2)) == []


def test_a_run_that_stopped_between_two_steps(settings: Settings) -> None:
    folder = settings.outcomes / "2024-09-30__20241003T235959"
    (folder / "steps").mkdir(parents=True)
    step = folder / "steps" / "validate.json"
    step.write_text("{}")
    aged(step, 5)
    assert signals(settings, "stuck_run") == []
    aged(step, 7)
    (signal,) = signals(settings, "stuck_run")
    assert "последний готовый шаг validate" in signal.found
    (folder / "done.json").write_text("{}")
    assert signals(settings, "stuck_run") == []


def test_a_channel_with_an_error_and_one_that_sleeps(settings: Settings) -> None:
    described = "\n".join(
        f"  {name}: {{kind: folder, connection: {name}}}" for name in ("one", "two", "three")
    )
    settings.channels_file.write_text(f"channels:\n{described}\n")
    folder = settings.outcomes / "channels"
    folder.mkdir(parents=True)
    for name, hours, error in (("one", 0, "nobody answers"), ("two", 4, ""), ("three", 1, "")):
        at = (NOW - timedelta(hours=hours)).isoformat()
        text = json.dumps({"channel": name, "kind": name, "at": at, "error": error})
        (folder / f"{name}.json").write_text(text)
    assert {s.about for s in signals(settings, "channel_silent")} == {"one", "two"}


def test_a_stranger_holds_the_build(settings: Settings) -> None:
    path = build_database(settings)
    path.parent.mkdir(parents=True)
    duckdb.connect(f"{path}").close()
    command = [sys.executable, "-c", HOLDER, f"{path}"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        aged(path, 2)
        (signal,) = signals(settings, "writer_locked")
        assert f"{holder.pid}" in signal.found
        holder.communicate("\n")
    aged(path, 2)
    assert signals(settings, "writer_locked") == []


def test_too_little_room(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert signals(settings, "disk_low") == []
    monkeypatch.setitem(thresholds()["disk_low"], "least_free_gb", 10**9)
    assert len(signals(settings, "disk_low")) == 1


def test_a_server_that_shows_an_older_version(settings: Settings) -> None:
    assert server_behind(settings, NOW, None) is None
    (settings.marts / "new").mkdir(parents=True)
    (settings.marts / "current").symlink_to("new")
    later = datetime.now(tz=MOSCOW) + timedelta(hours=3)
    assert server_behind(settings, later, "new") is None
    assert server_behind(settings, later - timedelta(hours=2), "old") is None
    behind = server_behind(settings, later, "old")
    assert behind is not None and "на сервере old, опубликовано new" in behind.found


def test_a_channel_that_was_given_up_is_silent_on_purpose(settings: Settings) -> None:
    folder = settings.outcomes / "channels"
    folder.mkdir(parents=True)
    text = json.dumps({"channel": "old", "kind": "sftp", "at": NOW.isoformat(), "error": "x"})
    (folder / "old.json").write_text(text)
    assert signals(settings, "channel_silent") == []
