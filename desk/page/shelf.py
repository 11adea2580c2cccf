"""Checked files that may still be sent: in memory only, bounded, for some minutes.

What enters: a file's bytes and the verdicts on it. What leaves: the same by a token, to its sender
alone; so what is sent is what was checked, and nothing lies on a disk.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.page.limits import Clock, Limits
from expectations.check import FileVerdict, Given

_FINDING_BYTES = 1500  # what a finding takes in memory, roughly


@dataclass(frozen=True)
class Kept:
    """A checked file."""

    token: str
    owner: str
    given: Given
    verdicts: tuple[FileVerdict, ...]
    checked_at: datetime

    @property
    def weight(self) -> int:
        """Bytes of memory."""
        return len(self.given.data) + _FINDING_BYTES * sum(len(v.findings) for v in self.verdicts)


class Shelf:
    """The checked files of all senders, the oldest first."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits, self._clock = limits, clock
        self._kept: dict[str, Kept] = {}

    def put(
        self, owner: str, given: Given, verdicts: tuple[FileVerdict, ...], checked_at: datetime
    ) -> Kept:
        """Keep a file; older ones give way."""
        kept = Kept(secrets.token_urlsafe(24), owner, given, verdicts, checked_at)
        self._kept[kept.token] = kept
        self._tidy(owner)
        return kept

    def get(self, token: str, owner: str) -> Kept | None:
        """The file of a token, unless it is somebody else's or its time is over."""
        self._tidy(owner)
        kept = self._kept.get(token)
        return kept if kept is not None and kept.owner == owner else None

    def _tidy(self, owner: str) -> None:
        oldest = self._clock() - timedelta(minutes=self._limits.kept_minutes)
        own = [kept for kept in self._kept.values() if kept.owner == owner]
        gone = {k.token for k in self._kept.values() if k.checked_at < oldest}
        gone |= {k.token for k in own[: -self._limits.kept_each]}
        left = sum(k.weight for k in self._kept.values() if k.token not in gone)
        for kept in list(self._kept.values())[:-1]:
            if left > self._limits.kept_bytes and kept.token not in gone:
                gone.add(kept.token)
                left -= kept.weight
        for token in gone:
            del self._kept[token]
