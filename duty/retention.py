"""What is due to be removed on a day: terms by purpose, from `retention.yml`.

What enters: a data directory and a day. What leaves: files by purpose; nothing that the order
in force or a frozen version stands on is among them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from duty.errors import RetentionUnclear
from ingest.deliveries import Delivery, Landed, load_delivery
from ingest.digest import digest_of
from ingest.landing import FOLDER, all_landed, manifest_path, object_path
from ingest.orders import nearest_order, orders
from ingest.settings import MOSCOW, Settings
from ingest.yaml_files import read_yaml
from warehouse.history import BY_DATE
from warehouse.publish import CURRENT


class Purpose(BaseModel):
    """A term of `retention.yml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    of: Literal["incoming", "runs", "deliveries", "files"]
    paths: tuple[str, ...] = ()
    only: Literal["unread"] | None = None
    since: Literal["moment", "order_end"] = "moment"
    days: int | None = None
    years: int | None = None
    why: str
    clause: str

    @model_validator(mode="after")
    def _one_term(self) -> Purpose:
        if (self.days is None) == (self.years is None):
            raise ValueError("a purpose needs `days` or `years`, one of both")
        if bool(self.paths) != (self.of in ("runs", "files")):
            raise ValueError("`paths` belong to runs and files, and only there")
        return self

    def due_on(self, start: date) -> date:
        """The first day on which it goes."""
        if self.years is not None:
            after = start + timedelta(days=1)
            is_leap_day = (after.month, after.day) == (2, 29)  # then on 1 March
            after = after + timedelta(days=1) if is_leap_day else after
            return after.replace(year=after.year + self.years)
        return start + timedelta(days=(self.days or 0) + 1)


@cache
def load_purposes() -> dict[str, Purpose]:
    """Purposes by id, in their order: the first one that is due says why a file goes."""
    return read_purposes(Path(__file__).with_name("retention.yml"))


def read_purposes(path: Path) -> dict[str, Purpose]:
    """Purposes of a file.

    Raises:
        RetentionUnclear: the file does not fit its model.
    """
    try:
        listed = read_yaml(path)["purposes"]
        return {name: Purpose.model_validate(purpose) for name, purpose in listed.items()}
    except (ValidationError, yaml.YAMLError, KeyError, TypeError) as error:
        raise RetentionUnclear(f"{path.name}: {error}") from error


@dataclass(frozen=True)
class Due:
    """A file whose term is over."""

    purpose: str
    path: Path
    due_on: date


def _order_end(day: date) -> date:
    wanted = nearest_order(day).order_id
    return next(order.last for order in orders() if order.order_id == wanted)


def needed_runs(settings: Settings) -> set[str]:
    """Runs that the current version, or the last version of a date, stands on."""
    links = [settings.marts / CURRENT, *(settings.marts / BY_DATE).glob("*")]
    targets = (Path(os.readlink(link)).name for link in links if link.is_symlink())
    return {target.rpartition("__")[0] for target in targets}


def names_are_gone(settings: Settings) -> bool:
    """Whether the names behind the current version were removed, so that nobody may show them."""
    current = settings.marts / CURRENT
    if not current.is_symlink():
        return False
    run_id = Path(os.readlink(current)).name.rpartition("__")[0]
    return not (settings.accepted / run_id / "restricted").exists()


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from (p for p in sorted(path.rglob("*")) if p.is_file())


def _of_runs(settings: Settings, purpose: Purpose) -> Iterator[tuple[date, Path]]:
    """Folders of runs; one that is not superseded goes with its order, never before."""
    needed = needed_runs(settings) if purpose.since == "moment" else set()
    for pattern in purpose.paths:
        for path in sorted(settings.data_dir.glob(pattern)):
            run_id = path.relative_to(settings.data_dir).parts[1]
            as_of, _, moment = run_id.partition("__")
            # What begins with a dot is no run: a half-made folder, the database of its checks.
            if run_id in needed or not moment or run_id.startswith("."):
                continue
            seen = datetime.strptime(moment, "%Y%m%dT%H%M%S").replace(tzinfo=MOSCOW).date()
            end = _order_end(date.fromisoformat(as_of))
            for file in _files(path):
                yield (end if purpose.since == "order_end" else seen), file


def _starts(purpose: Purpose, landed: Landed, delivery: Delivery | None) -> date | None:
    """Where the term of a delivery begins; None if it is none of this purpose."""
    received = landed.received_at.astimezone(MOSCOW).date()
    if delivery is None:
        return None  # not read yet
    if purpose.only == "unread" and (
        delivery.parsed_path or delivery.replies or delivery.form_code
    ):
        return None
    if purpose.since == "moment":
        return received
    return _order_end(delivery.as_of or received)


def _of_deliveries(settings: Settings, purpose: Purpose, day: date) -> Iterator[tuple[date, Path]]:
    """Bytes stay while any delivery of the same bytes does."""
    landed = all_landed(settings)
    starts = {
        item.delivery_id: _starts(purpose, item, load_delivery(settings, item.delivery_id))
        for item in landed
    }
    going = {name: s for name, s in starts.items() if s is not None and purpose.due_on(s) <= day}
    staying = {item.sha256 for item in landed if item.delivery_id not in going}
    for item in landed:
        if (start := going.get(item.delivery_id)) is None:
            continue
        paths = [*_files(settings.parsed / item.delivery_id)]
        if item.channel == FOLDER:
            paths += [p for p in [settings.incoming / item.source] if _is(p, item.sha256)]
        if item.sha256 not in staying:
            paths.append(object_path(settings, item.sha256))
        # The manifest comes last: a killed purge finds the rest of its delivery again.
        for path in [*paths, manifest_path(settings, item.delivery_id)]:
            if path.exists():
                yield start, path


def _is(path: Path, sha256: str) -> bool:
    return path.is_file() and digest_of(path) == sha256


def _of_incoming(settings: Settings) -> Iterator[tuple[date, Path]]:
    """What lies in the drop folder and is landed, so that nothing is lost."""
    for item in all_landed(settings):
        path = settings.incoming / item.source
        if item.channel == FOLDER and _is(path, item.sha256):
            yield item.landed_at.astimezone(MOSCOW).date(), path


def _of_files(settings: Settings, purpose: Purpose) -> Iterator[tuple[date, Path]]:
    for pattern in purpose.paths:
        for found in sorted(settings.data_dir.glob(pattern)):
            for path in _files(found):
                changed = datetime.fromtimestamp(path.stat().st_mtime, tz=MOSCOW)
                yield changed.date(), path


def _listed(settings: Settings, purpose: Purpose, day: date) -> Iterator[tuple[date, Path]]:
    if purpose.of == "incoming":
        return _of_incoming(settings)
    if purpose.of == "runs":
        return _of_runs(settings, purpose)
    if purpose.of == "files":
        return _of_files(settings, purpose)
    return _of_deliveries(settings, purpose, day)


def due(settings: Settings, day: date) -> list[Due]:
    """Files whose term is over on a day, each under the first purpose that says so.

    Args:
        settings: whose data.
        day: the day of the purge.
    """
    found: dict[Path, Due] = {}
    for name, purpose in load_purposes().items():
        for start, path in _listed(settings, purpose, day):
            if (due_on := purpose.due_on(start)) <= day:
                found.setdefault(path, Due(name, path, due_on))
    return list(found.values())
