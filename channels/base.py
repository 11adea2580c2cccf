"""What every channel is: a list of what it holds, and the bytes of one thing of the list.

What enters: a client that somebody opened. What leaves: items, their files, and three plain faults.
A channel never deletes, moves or marks anything at the other end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class ChannelUnreachable(ConnectionError):
    """Nobody answers, or the answer broke off: the next pass may succeed by itself."""


class ChannelRefused(Exception):
    """The other end says no, or is not what its description says: somebody has to mend it."""


class ItemUnavailable(Exception):
    """One item cannot be had now (it changes, is gone, or is closed); others are not touched."""


@dataclass(frozen=True)
class Item:
    """One thing of a channel, as its listing tells without downloading: a file or a letter."""

    key: str  # stable inside the channel
    version: str  # another one when the content is another
    path: str  # what sender and name are read from
    size: int | None  # bytes
    at: datetime  # when it came, as the other end says
    why_not: str = ""  # a key of `words.yml` when the listing tells already that it cannot be had


@dataclass(frozen=True)
class Found:
    """A file of an item."""

    path: str  # the first folder hints at the sender
    chunks: Iterable[bytes]


@dataclass(frozen=True)
class Passed:
    """A part of an item that is left where it is, and the reason as a key of `words.yml`."""

    path: str
    why: str


class Channel(Protocol):
    """A place that files are taken from.

    Both methods raise `ChannelUnreachable` or `ChannelRefused`; `fetch`, also while its chunks are
    read, raises `ItemUnavailable`.
    """

    left_by_senders: bool
    """Whether senders write the files themselves, so that one may be growing and bear any time."""

    def items(self) -> Iterable[Item]:
        """Everything that the channel holds now."""

    def fetch(self, item: Item) -> Iterator[Found | Passed]:
        """The files of one item; a letter has any number of them."""
