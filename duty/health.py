"""Is everything well? Detectors of what nobody would notice until somebody complains.

What enters: the data directory and a moment. What leaves: one `Signal` for each thing that is not
well, with what to do; thresholds and words are those of `health.yml`.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from channels.spec import load_specs
from duty.dates import due_runs, last_due_day
from ingest.deliveries import load_delivery
from ingest.landing import all_landed
from ingest.settings import MOSCOW, Settings
from ingest.yaml_files import read_yaml
from warehouse.history import BY_DATE
from warehouse.runner import build_database

_GB = 1024**3


@dataclass(frozen=True)
class Signal:
    """One thing that is not well."""

    kind: str  # its name in health.yml and of its page in docs/runbooks
    about: str  # which one; the same trouble keeps the same text
    found: str

    @property
    def title(self) -> str:
        """The trouble in words."""
        return str(thresholds()[self.kind]["title"])

    @property
    def todo(self) -> str:
        """The first thing to do."""
        return str(thresholds()[self.kind]["todo"])

    @property
    def runbook(self) -> str:
        """The page that says the rest."""
        return f"docs/runbooks/{self.kind}.md"


@lru_cache(maxsize=1)
def thresholds() -> dict[str, dict[str, Any]]:
    """`health.yml`."""
    path = Path(__file__).with_name("health.yml")
    known: dict[str, dict[str, Any]] = read_yaml(path)
    return known


def _hours(kind: str) -> timedelta:
    return timedelta(hours=thresholds()[kind]["hours"])


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, tz=MOSCOW)


def _said(moment: datetime) -> str:
    return f"{moment.astimezone(MOSCOW):%d.%m.%Y %H:%M}"


def _nothing_arrived(settings: Settings, now: datetime) -> Iterator[Signal]:
    due = last_due_day(now.date(), thresholds()["nothing_arrived"]["quiet_working_days"])
    if due is None:
        return
    last = max((d.received_at for d in all_landed(settings)), default=None)
    # Whoever is early sends within the week before.
    if last is None or last.astimezone(MOSCOW).date() < due - timedelta(days=7):
        since = f"последний файл пришёл {_said(last)}" if last else "не пришло ни одного файла"
        yield Signal("nothing_arrived", f"{due}", f"срок сдачи был {due:%d.%m.%Y}, {since}")


def _unread_files(settings: Settings, now: datetime) -> Iterator[Signal]:
    latest = now - _hours("unread_files")
    unread = [
        landed
        for landed in all_landed(settings)
        if landed.landed_at < latest and load_delivery(settings, landed.delivery_id) is None
    ]
    if unread:
        first = min(landed.landed_at for landed in unread)
        found = f"файлов: {len(unread)}, самый ранний принят {_said(first)}"
        yield Signal("unread_files", f"{first.date()}", found)


def _stuck_run(settings: Settings, now: datetime) -> Iterator[Signal]:
    for folder in sorted(settings.outcomes.glob("*__*")):
        steps = sorted((folder / "steps").glob("*.json"), key=lambda path: path.stat().st_mtime)
        if not steps or (folder / "done.json").exists():
            continue
        last = _changed(steps[-1])
        if last < now - _hours("stuck_run"):
            found = f"{folder.name}: последний готовый шаг {steps[-1].stem}, {_said(last)}"
            yield Signal("stuck_run", folder.name, found)


def _month_red(settings: Settings, now: datetime) -> Iterator[Signal]:
    for order_id, as_of, started in due_runs(now - _hours("month_red")):
        if not (settings.marts / BY_DATE / f"{order_id}__{as_of}").exists():
            found = f"дата {as_of:%d.%m.%Y}: прогон ждали {_said(started)}, витрин нет"
            yield Signal("month_red", f"{as_of}", found)


def _channel_silent(settings: Settings, now: datetime) -> Iterator[Signal]:
    described = load_specs(settings)
    for path in sorted((settings.outcomes / "channels").glob("*.json")):
        last = json.loads(path.read_text(encoding="utf-8"))
        if last["channel"] not in described:
            continue  # given up on purpose
        moment = datetime.fromisoformat(last["at"])
        if last.get("error"):
            yield Signal("channel_silent", last["channel"], f"{last['channel']}: {last['error']}")
        elif moment < now - _hours("channel_silent"):
            found = f"{last['channel']}: последний проход {_said(moment)}"
            yield Signal("channel_silent", last["channel"], found)


def _disk_low(settings: Settings, now: datetime) -> Iterator[Signal]:
    free = shutil.disk_usage(settings.data_dir).free / _GB
    least = thresholds()["disk_low"]["least_free_gb"]
    if free < least:
        found = f"свободно {free:.1f} ГБ, нужно не меньше {least}".replace(".", ",")
        yield Signal("disk_low", "data", found)


def _writer_locked(settings: Settings, now: datetime) -> Iterator[Signal]:
    path = build_database(settings)
    longest = timedelta(minutes=thresholds()["writer_locked"]["minutes"])
    if not path.exists() or _changed(path) > now - longest:
        return  # a run may be writing it
    try:
        duckdb.connect(f"{path}", read_only=True).close()
    except duckdb.IOException as error:
        holder = re.search(r"PID (\d+)", f"{error}")
        by = f"процессом {holder[1]}" if holder else "другим процессом"
        found = f"база не менялась с {_said(_changed(path))}, но занята {by}"
        yield Signal("writer_locked", "build.duckdb", found)


_DETECTORS: tuple[Callable[[Settings, datetime], Iterator[Signal]], ...] = (
    _month_red,
    _stuck_run,
    _nothing_arrived,
    _unread_files,
    _channel_silent,
    _writer_locked,
    _disk_low,
)


def server_behind(settings: Settings, now: datetime, served: str | None) -> Signal | None:
    """Whether the server shows another version than the frozen one for too long.

    Args:
        settings: where the frozen version lies.
        now: aware.
        served: the version that readers of the server see; None if it shows none.
    """
    link = settings.marts / "current"
    if not link.exists() or link.resolve().name == served:
        return None
    since = datetime.fromtimestamp(link.lstat().st_mtime, tz=MOSCOW)
    if since > now - _hours("server_behind"):
        return None
    found = f"на сервере {served or 'ничего'}, опубликовано {link.resolve().name} ({_said(since)})"
    return Signal("server_behind", link.resolve().name, found)


def check_health(settings: Settings, now: datetime) -> list[Signal]:
    """Everything that is not well with a data directory at a moment, the gravest first.

    Args:
        settings: which directory.
        now: aware.
    """
    return [signal for detect in _DETECTORS for signal in detect(settings, now)]
