"""One pass over one channel: list, take what is new, remember it only when it is safe.

What enters: an opened channel, its spec, the moment. What leaves: landed deliveries, the channel's
memory, and an `Outcome` of counts without names.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path, PurePosixPath

from channels.base import (
    Channel,
    ChannelRefused,
    ChannelUnreachable,
    Found,
    Item,
    ItemUnavailable,
)
from channels.memory import Memory
from channels.spec import ChannelSpec
from ingest.deliveries import DiskFull, write_atomically
from ingest.landing import Arrived, clear_leftovers, land_stream
from ingest.settings import Settings
from ingest.settling import SETTLE_SECONDS, is_finished
from ingest.yaml_files import read_yaml

MOST_FAULTS = 3  # of items in one pass: then it is the channel
FAULTS = (ChannelUnreachable, ChannelRefused, DiskFull)


@dataclass
class Outcome:
    """What one pass over a channel did; the counts are of items, `taken` and `known` of files."""

    channel: str
    kind: str
    at: str
    listed: int = 0
    taken: int = 0  # new deliveries
    known: int = 0  # items of the ledger and files that came before
    left: dict[str, int] = field(default_factory=dict)  # reason → how many
    error: str = ""


@cache
def words() -> dict[str, str]:
    """Reasons why something was left, in Russian."""
    path = Path(__file__).with_name("words.yml")
    texts: dict[str, str] = read_yaml(path)
    return texts


def outcome_path(settings: Settings, channel: str) -> Path:
    """Where the outcome of a channel's last pass lies."""
    return settings.outcomes / "channels" / f"{channel}.json"


@contextmanager
def reported(settings: Settings, outcome: Outcome) -> Iterator[None]:
    """Keep the outcome, with the fault if there is one; the fault goes on."""
    try:
        yield
    except Exception as error:
        # Texts of others may hold names of files.
        text = f": {error}" if isinstance(error, FAULTS) else ""
        outcome.error = f"{type(error).__name__}{text}"
        raise
    finally:
        text = json.dumps(asdict(outcome), ensure_ascii=False, indent=1)
        write_atomically(outcome_path(settings, outcome.channel), text.encode())


def _why_left(item: Item, spec: ChannelSpec) -> str | None:
    """The reason to leave an item that its listing tells already."""
    if item.why_not:
        return item.why_not
    if not is_finished(item.path):
        return "unfinished"
    if not spec.wants(PurePosixPath(item.path).name):
        return "not_included"
    if item.size is not None and item.size > spec.max_bytes:
        return "too_large"
    return None


class _Pass:
    """The state of one pass."""

    def __init__(self, settings: Settings, channel: Channel, spec: ChannelSpec, outcome: Outcome):
        self.settings, self.channel, self.spec, self.outcome = settings, channel, spec, outcome
        self.memory = Memory(settings, outcome.channel)
        self.left: list[tuple[Item, datetime, str]] = []
        self.reasons: Counter[str] = Counter()

    def came_at(self, item: Item) -> datetime:
        return self.memory.came_at(item) if self.channel.left_by_senders else item.at

    def leave(self, item: Item, why: str) -> None:
        self.left.append((item, self.came_at(item), why))
        self.reasons[why] += 1

    def new_items(self, pause: Callable[[float], None]) -> list[Item]:
        """What has to be taken now, the oldest first."""
        listed = list(self.channel.items())
        self.outcome.listed = len(listed)
        new: list[Item] = []
        for item in listed:
            if self.memory.knows(item):
                self.outcome.known += 1
            elif why := _why_left(item, self.spec):
                self.leave(item, why)
            else:
                new.append(item)
        ready = self._settled(new, pause) if self.channel.left_by_senders else new
        ready.sort(key=lambda item: (item.at, item.key))
        for item in ready[self.spec.max_files :]:
            self.leave(item, "next_pass")
        return ready[: self.spec.max_files]

    def _settled(self, new: list[Item], pause: Callable[[float], None]) -> list[Item]:
        """New items that a second look finds as they were; clocks of servers are not trusted."""
        if not new:
            return []
        pause(SETTLE_SECONDS)
        again = {item.key: item.version for item in self.channel.items()}
        ready = []
        for item in new:
            if again.get(item.key) == item.version:
                ready.append(item)
            else:
                self.leave(item, "changing")
        return ready

    def take(self, item: Item, now: datetime) -> None:
        """Land all files of an item, then remember it: whoever dies before begins it anew."""
        deliveries: list[str] = []
        passed: list[tuple[str, str]] = []
        came = self.came_at(item)
        for part in self.channel.fetch(item):
            if not isinstance(part, Found):
                passed.append((part.path, part.why))
                continue
            arrived = Arrived(self.outcome.channel, part.path, came)
            landed = land_stream(self.settings, arrived, part.chunks, now)
            if landed is None:
                self.outcome.known += 1
            else:
                self.outcome.taken += 1
                deliveries.append(landed.delivery_id)
        self.memory.took(item, deliveries, passed)
        self.reasons.update(why for _, why in passed)


def pull(
    settings: Settings,
    outcome: Outcome,
    spec: ChannelSpec,
    channel: Channel,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Take everything new from a channel held `alone`; `outcome` counts it as it becomes known.

    Args:
        settings: where to land.
        outcome: name of the channel and the moment of the pass; its counts are filled.
        spec: what to take and how much.
        channel: opened by the caller, who closes it.
        pause: how to wait before the second look at files that senders write themselves.

    Raises:
        ChannelUnreachable, ChannelRefused: the listing failed, or some items did after others were
            taken; what was landed stays landed.
        DiskFull: there is no room.
    """
    now = datetime.fromisoformat(outcome.at)
    clear_leftovers(settings, outcome.channel)
    current = _Pass(settings, channel, spec, outcome)
    faults: list[Exception] = []
    try:
        for item in current.new_items(pause):
            try:
                current.take(item, now)
            except ItemUnavailable as error:
                current.leave(item, f"{error}")
            except (ChannelUnreachable, ChannelRefused) as error:
                # One item that breaks off each time must not stand before all others.
                current.leave(item, "broken_off")
                faults.append(error)
                if len(faults) == MOST_FAULTS:
                    break
        else:
            current.memory.listed(now, current.left)
    finally:
        outcome.left = dict(sorted(current.reasons.items()))
    if faults:
        raise faults[0]
