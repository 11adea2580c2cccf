"""What a channel remembers between passes, so that nothing is downloaded twice.

What enters: items that were landed, and the last whole listing. What leaves: which items are new
and when they came. All of it may be lost: the content's hash then finds what is known.
Names of files stand here, so it lies in `landing/`, which is closed.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from channels.base import Item
from ingest.deliveries import write_atomically
from ingest.settings import Settings


class ChannelBusy(Exception):
    """Another process is taking files from the same channel."""


def folder_of(settings: Settings, channel: str) -> Path:
    """Where a channel's memory lies."""
    return settings.landing / "channels" / channel


@contextmanager
def alone(settings: Settings, channel: str) -> Iterator[None]:
    """Hold a channel for this process; a killed one lets go by itself.

    Raises:
        ChannelBusy: somebody else holds it.
    """
    path = folder_of(settings, channel) / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ChannelBusy(
                f"channel {channel}: expected to be alone, found another pass at work; "
                "wait until it ends"
            ) from None
        yield


def _mark(item: Item) -> str:
    return f"{item.key}\0{item.version}"


class Memory:
    """The ledger of taken items and the last listing of one channel."""

    def __init__(self, settings: Settings, channel: str) -> None:
        folder = folder_of(settings, channel)
        self._ledger, self._listing = folder / "taken.jsonl", folder / "left.json"
        self._taken = {f"{line['key']}\0{line['version']}" for line in self._lines()}
        last = json.loads(self._listing.read_text("utf-8")) if self._listing.exists() else {}
        self._listed_at: str | None = last.get("listed_at")
        self._left: dict[str, str] = {
            f"{row['key']}\0{row['version']}": row["at"] for row in last.get("left", [])
        }

    def _lines(self) -> Iterator[dict[str, Any]]:
        """Whole lines of the ledger; what a killed process left of a line is cut off."""
        if not self._ledger.exists():
            return
        with self._ledger.open("r+b") as stream:
            end = 0
            for line in stream:
                if not line.endswith(b"\n"):
                    stream.truncate(end)
                    return
                end += len(line)
                try:
                    yield json.loads(line)
                except ValueError:
                    continue  # somebody edited it: the item is taken once more

    def knows(self, item: Item) -> bool:
        """Whether this version of the item was taken."""
        return _mark(item) in self._taken

    def came_at(self, item: Item) -> datetime:
        """When an item that senders date came: never before a listing that did not show it.

        Programs that keep a file's own time while sending would make a late file look timely.
        """
        if seen := self._left.get(_mark(item)):
            return datetime.fromisoformat(seen)
        listed = datetime.fromisoformat(self._listed_at) if self._listed_at else item.at
        return max(item.at, listed)

    def took(self, item: Item, deliveries: list[str], passed: list[tuple[str, str]]) -> None:
        """Remember an item all of whose files are landed."""
        line = {"key": item.key, "version": item.version, "path": item.path}
        text = json.dumps(line | {"deliveries": deliveries, "passed": passed}, ensure_ascii=False)
        with self._ledger.open("ab") as stream:
            stream.write(text.encode("utf-8", "backslashreplace") + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        self._taken.add(_mark(item))

    def listed(self, at: datetime, left: list[tuple[Item, datetime, str]]) -> None:
        """Remember a whole listing: when it was, and what of it was left and why."""
        rows = [
            {"key": i.key, "version": i.version, "path": i.path, "at": f"{came}", "why": why}
            for i, came, why in left
        ]
        text = json.dumps({"listed_at": f"{at}", "left": rows}, ensure_ascii=False, indent=1)
        write_atomically(self._listing, text.encode("utf-8", "backslashreplace"))
