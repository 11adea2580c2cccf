"""A notice: one thing to tell one recipient. A letter is made of the notices of a day.

What enters: what the notice is about. What leaves: an id that is the same whenever it is planned,
so that nobody is told the same thing twice.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from desk.letters.config import KindName
from desk.receipts import Receipt
from desk.verdicts import CheckedRun


@dataclass(frozen=True, order=True)
class Recipient:
    """Who is written to: a code and a role of the address book."""

    code: str
    role: str


@dataclass(frozen=True)
class Debt:
    """Something that somebody owes by a day: a file, or a point of the roadmap."""

    key: tuple[str, ...]
    debtor: str  # code of who has to act
    place: str  # the territory it is about, in words; empty for the region
    title: str
    due_on: date
    left: int  # working days; negative when the day is over
    state: str  # how far it is, in words
    known_on: date | None = None  # date of the roadmap that says so; None for a file

    @property
    def is_file(self) -> bool:
        """Whether a file is owed; otherwise something has to be done on the platform."""
        return self.known_on is None


@dataclass(frozen=True)
class Notice:
    """One thing to tell one recipient; `absorbs` are ids of notices that it makes needless."""

    kind: KindName
    to: Recipient
    about: tuple[str, ...]
    debt: Debt | None = None
    receipt: Receipt | None = None
    run: CheckedRun | None = None
    is_urgent: bool = False
    absorbs: tuple[str, ...] = ()

    @cached_property
    def notice_id(self) -> str:
        """Stable over passes, days and processes."""
        text = "\0".join((self.kind, self.to.code, self.to.role, *self.about))
        return hashlib.sha256(text.encode()).hexdigest()[:16]
