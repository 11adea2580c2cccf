"""Notices of a day become letters: one a recipient and kind, so small news come together.

What enters: notices. What leaves: `Letter` objects with finished Russian text; of files only what
their own sender said, of findings only counts and titles of rules.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from desk.letters.config import Config, KindName
from desk.letters.notices import Debt, Notice, Recipient
from desk.letters.texts import render_letter
from desk.receipts import Receipt
from desk.verdicts import FileVerdict
from expectations.protocol import SenderKey, protocol_words, sender_name
from ingest.deliveries import Status
from ingest.orders import nearest_order
from ingest.reference import load_reference

MEGABYTE = 1 << 20
TO_MEND = (Status.REJECTED, Status.PARTIALLY_ACCEPTED)


@dataclass(frozen=True)
class Letter:
    """What one recipient gets; `to` becomes addresses only when it is planned."""

    kind: KindName
    to: Recipient
    day: date
    notices: tuple[Notice, ...]
    subject: str
    text: str
    attachments: tuple[Path, ...] = ()

    @cached_property
    def letter_id(self) -> str:
        """The same notices to the same recipient make the same letter, whenever it is sent."""
        ids = sorted(notice.notice_id for notice in self.notices)
        text = "\0".join((self.kind, self.to.code, self.to.role, *ids))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def is_urgent(self) -> bool:
        """Whether tomorrow is too late."""
        return any(notice.is_urgent for notice in self.notices)

    @property
    def told(self) -> list[str]:
        """Ids that need not be told any more once the letter has gone."""
        ids = {notice.notice_id for notice in self.notices}
        return sorted(ids.union(*(notice.absorbs for notice in self.notices)))


@dataclass(frozen=True)
class Planned:
    """A letter that goes out, and where to."""

    letter: Letter
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One debt as a letter says it; the same debt of several territories is one line."""

    debt: Debt
    places: tuple[str, ...]
    state: str  # empty when it is not the same everywhere


@dataclass(frozen=True)
class Surroundings:
    """What letters of a day know besides their notices: an answer names its sender's debts."""

    day: date
    open_debts: list[Debt]
    config: Config
    contacts: tuple[str, ...] = ()


def _name(to: Recipient, day: date) -> str:
    """Whom a letter speaks to, in words."""
    reference = load_reference(nearest_order(day).order_id)
    number = int(to.code[1:]) if to.code[:1] == "T" and to.code[1:].isdigit() else 0
    key = SenderKey(to.code, number)
    return sender_name(key, reference) if number or to.code in protocol_words()["senders"] else ""


def _lines(debts: Iterable[Debt]) -> list[Line]:
    grouped: dict[tuple[bool, str], list[Debt]] = defaultdict(list)
    for debt in debts:
        grouped[(not debt.is_file, debt.title)].append(debt)
    lines = []
    for _, found in sorted(grouped.items()):
        places = tuple(sorted({debt.place for debt in found if debt.place}))
        states = {debt.state for debt in found}
        lines.append(Line(found[0], places, states.pop() if len(states) == 1 else ""))
    return lines


def _by_day(notices: Iterable[Notice]) -> list[tuple[Debt, list[Line]]]:
    """Lines of debts under their due days; the first debt of each says how many days are left."""
    days: dict[date, list[Debt]] = defaultdict(list)
    for notice in notices:
        if notice.debt:
            days[notice.debt.due_on].append(notice.debt)
    return [(found[0], _lines(found)) for _, found in sorted(days.items())]


def _deadline_facts(notices: tuple[Notice, ...], day: date) -> dict[str, Any]:
    debts = [notice.debt for notice in notices if notice.debt]
    return {
        "days": _by_day(notices),
        "files": sum(debt.is_file for debt in debts),
        "known_on": max((d.known_on for d in debts if d.known_on), default=None),
        "n_territories": len(load_reference(nearest_order(day).order_id).territories),
    }


def _answered(receipt: Receipt, verdict: FileVerdict) -> dict[str, Any]:
    """What a letter says of one checked file."""
    todo: str = protocol_words()["statuses"][verdict.row["status"]]["todo"]
    # A file that could not be opened broke one rule, and its title is the reason already.
    reasons = [] if receipt.problems else verdict.reasons
    return {"receipt": receipt, "todo": todo.format_map(verdict.row), "reasons": reasons}


def _file_facts(notices: tuple[Notice, ...]) -> dict[str, Any]:
    told = [notice.receipt for notice in notices if notice.receipt]
    by_status: dict[Status, list[dict[str, Any]]] = defaultdict(list)
    for receipt in told:
        if receipt.verdict:
            by_status[receipt.verdict.status].append(_answered(receipt, receipt.verdict))
    runs = [notice.run for notice in notices if notice.run]
    return {
        "receipts": told,
        "to_mend": [item for status in TO_MEND for item in by_status.pop(status, [])],
        "with_remarks": by_status.pop(Status.ACCEPTED_WITH_REMARKS, []),
        "settled": [item for found in by_status.values() for item in found],
        "run": max(runs, key=lambda run: (run.known_at, run.as_of), default=None),
    }


def _open_files(to: Recipient, day: date, open_debts: list[Debt]) -> list[Debt]:
    """Files that a sender owes, late or soon."""
    soon = load_reference(nearest_order(day).order_id).number("due_soon_wd")
    return [d for d in open_debts if d.is_file and d.debtor == to.code and d.left <= soon]


def _attachments(
    notices: tuple[Notice, ...], to: Recipient, megabytes: int
) -> tuple[list[Path], list[Path]]:
    """(what goes with a letter, what is too large to go)."""
    folders = {notice.run.returned / to.code for notice in notices if notice.run}
    found = sorted(path for folder in folders for path in folder.glob("*") if path.is_file())
    room = megabytes * MEGABYTE
    taken: list[Path] = []
    for path in found:
        size = path.stat().st_size
        if size <= room:
            taken.append(path)
            room -= size
    return taken, [path for path in found if path not in taken]


def _letter(
    kind: KindName, to: Recipient, notices: tuple[Notice, ...], about: Surroundings
) -> Letter:
    attached, too_large = _attachments(notices, to, about.config.attachments_mb)
    day = about.day
    subject, text = render_letter(
        kind,
        name=_name(to, day),
        to=to,
        day=day,
        order=load_reference(nearest_order(day).order_id).order,
        how_to_send=about.config.how_to_send,
        contacts=about.contacts,
        attached=[path.name for path in attached],
        too_large=[path.name for path in too_large],
        open_files=_open_files(to, day, about.open_debts),
        **_deadline_facts(notices, day),
        **_file_facts(notices),
    )
    return Letter(kind, to, day, notices, subject, text, tuple(attached))


def compose(notices: Iterable[Notice], about: Surroundings) -> Iterator[Letter]:
    """Letters of a day, one a recipient and kind, from what nobody was told yet."""
    grouped: dict[tuple[KindName, Recipient], list[Notice]] = defaultdict(list)
    for notice in notices:
        grouped[(notice.kind, notice.to)].append(notice)
    for (kind, to), found in sorted(grouped.items()):
        yield _letter(kind, to, tuple(found), about)
