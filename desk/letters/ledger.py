"""The ledger: what was sent to whom, one file a letter, written once the server took it.

What enters: letters that were accepted or refused. What leaves: what was told already, and how much
went to whom. A process killed before it writes may repeat that one letter, never lose it.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from desk.letters.compose import Letter, Planned
from desk.letters.notices import Recipient
from ingest.deliveries import write_atomically
from ingest.settings import Settings

State = Literal["sent", "refused"]


@dataclass(frozen=True)
class Entry:
    """One letter that left, or that the server will not take for this address."""

    letter_id: str
    kind: str
    code: str
    role: str
    addresses: list[str]
    day: str  # the day it was planned for; limits count by it
    at: str
    state: State
    detail: str  # what the server said, if it refused somebody
    subject: str
    attachments: list[str]
    told: list[str]


def room(settings: Settings) -> Path:
    """Folder of everything about letters."""
    return settings.outcomes / "letters"


class Ledger:
    """All entries of a data directory, read once."""

    def __init__(self, entries: list[Entry]) -> None:
        """Take entries in any order."""
        self._sent = [entry for entry in entries if entry.state == "sent"]
        self._refused = {
            (entry.letter_id, *entry.addresses): entry.detail
            for entry in entries
            if entry.state == "refused"
        }
        self.told = {notice for entry in self._sent for notice in entry.told}

    def count(self, day: date, to: Recipient | None = None) -> int:
        """Letters sent on a day, to everybody or to one recipient."""
        return sum(
            entry.day == f"{day}" and (to is None or (entry.code, entry.role) == (to.code, to.role))
            for entry in self._sent
        )

    def last(self, kind: str, to: Recipient) -> date | None:
        """Day of the newest letter of a kind to a recipient."""
        wanted = (kind, to.code, to.role)
        days = [e.day for e in self._sent if (e.kind, e.code, e.role) == wanted]
        return date.fromisoformat(max(days)) if days else None

    def refusal(self, letter: Letter, addresses: tuple[str, ...]) -> str | None:
        """What the server said when it refused this letter for these addresses."""
        return self._refused.get((letter.letter_id, *addresses))


def load_ledger(settings: Settings) -> Ledger:
    """The ledger of a data directory."""
    paths = (room(settings) / "sent").glob("*/*.json")
    return Ledger([Entry(**json.loads(path.read_text(encoding="utf-8"))) for path in paths])


def record(settings: Settings, sent: Planned, at: datetime, state: State, detail: str) -> None:
    """Write one entry.

    Args:
        settings: where the ledger lies.
        sent: the letter and where it went.
        at: the moment, aware.
        state: whether the server took it.
        detail: what the server said of an address that it refused, else empty.

    Raises:
        DiskFull: there is no room.
    """
    letter = sent.letter
    entry = Entry(
        letter_id=letter.letter_id,
        kind=letter.kind,
        code=letter.to.code,
        role=letter.to.role,
        addresses=list(sent.addresses),
        day=f"{letter.day}",
        at=at.isoformat(),
        state=state,
        detail=detail,
        subject=letter.subject,
        attachments=[path.name for path in letter.attachments],
        told=letter.told,
    )
    path = room(settings) / "sent" / entry.day / f"{entry.letter_id}.json"
    text = json.dumps(asdict(entry), ensure_ascii=False, indent=1, sort_keys=True)
    write_atomically(path, text.encode())


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Only one process sends at a time: two would send the same letter twice."""
    path = room(settings) / ".lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield  # closing the file, or dying, lets the next one in
