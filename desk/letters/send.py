"""Sending a plan: each letter at least once, the ledger right after the server took it.

What enters: a day and a `Mailbox`. What leaves: a `Pass`: what went, what was refused, what waits.
Without a mailbox the same letters are laid out as texts for a human to send.
"""

from __future__ import annotations

import json
import shutil
import smtplib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol

from desk.letters.compose import Letter, Planned
from desk.letters.config import load_config
from desk.letters.errors import MailServerUnavailable, SenderRefused
from desk.letters.ledger import alone, record, room
from desk.letters.message import build_message
from desk.letters.plan import Asked, Plan, make_plan
from ingest.deliveries import write_atomically
from ingest.settings import Settings

Refusals = dict[str, tuple[int, bytes]]


class Mailbox(Protocol):
    """Where letters leave; raises what `smtplib` raises."""

    @property
    def sender(self) -> str:
        """The address that letters come from."""

    def send(self, message: EmailMessage, addresses: tuple[str, ...]) -> Refusals:
        """Hand one message over; the addresses that were refused while others were not."""

    def reconnect(self) -> None:
        """Open the connection anew."""


class Rejected(Exception):
    """The server did not take this letter; `is_final` if trying again is useless."""

    def __init__(self, answers: Iterable[tuple[int, bytes | str]]) -> None:
        known = list(answers)
        self.is_final = all(code >= 500 for code, _ in known)
        texts = (
            text if isinstance(text, str) else text.decode("utf-8", "replace") for _, text in known
        )
        self.detail = "; ".join(
            f"{code} {' '.join(text.split())}" for (code, _), text in zip(known, texts, strict=True)
        )
        super().__init__(self.detail)


@dataclass
class Pass:
    """What became of each letter of a plan."""

    plan: Plan
    sent: list[Planned] = field(default_factory=list)
    refused: list[tuple[Planned, str]] = field(default_factory=list)
    later: list[tuple[Planned, str]] = field(default_factory=list)  # the server asks to come again

    def counts(self) -> dict[str, int]:
        """How many letters went, were refused and wait, by reason."""
        held = Counter(f"held_{item.reason}" for item in self.plan.held)
        done = {"sent": len(self.sent), "refused": len(self.refused), "later": len(self.later)}
        return {**done, **dict(sorted(held.items()))}


def _hand_over(mailbox: Mailbox, message: EmailMessage, addresses: tuple[str, ...]) -> Refusals:
    """One attempt, with the answers of the server sorted.

    Raises:
        Rejected: not this letter.
        SenderRefused: not from us.
        OSError: the connection is gone.
    """
    try:
        return mailbox.send(message, addresses)
    except smtplib.SMTPRecipientsRefused as error:
        raise Rejected(error.recipients.values()) from error
    except smtplib.SMTPSenderRefused as error:
        refusal = Rejected([(error.smtp_code, error.smtp_error)])
        if refusal.is_final:
            raise SenderRefused(mailbox.sender, refusal.detail) from error
        raise refusal from error
    except smtplib.SMTPDataError as error:
        raise Rejected([(error.smtp_code, error.smtp_error)]) from error


def _send(mailbox: Mailbox, message: EmailMessage, addresses: tuple[str, ...]) -> Refusals:
    """One letter; a connection that broke is opened once more.

    A letter whose fate was unknown goes again under its own Message-ID.
    """
    try:
        return _hand_over(mailbox, message, addresses)
    except OSError:  # smtplib's own disconnects are such, too
        mailbox.reconnect()
        return _hand_over(mailbox, message, addresses)


def _detail(refusals: Refusals) -> str:
    return "; ".join(
        f"{address}: {Rejected([answer]).detail}" for address, answer in refusals.items()
    )


def _send_all(settings: Settings, done: Pass, mailbox: Mailbox, at: datetime) -> None:
    for number, planned in enumerate(done.plan.letters):
        message = build_message(planned, mailbox.sender, at, done.plan.reply_to)
        try:
            refusals = _send(mailbox, message, planned.addresses)
        except Rejected as refusal:
            if refusal.is_final:
                record(settings, planned, at, "refused", refusal.detail)
            (done.refused if refusal.is_final else done.later).append((planned, refusal.detail))
        except OSError as error:
            raise MailServerUnavailable(error, len(done.plan.letters) - number) from error
        else:
            record(settings, planned, at, "sent", _detail(refusals))
            done.sent.append(planned)


def _row(letter: Letter, state: str, detail: str) -> dict[str, object]:
    return {
        "letter_id": letter.letter_id,
        "kind": letter.kind,
        "code": letter.to.code,
        "role": letter.to.role,
        "subject": letter.subject,
        "state": state,
        "detail": detail,
    }


def _rows(done: Pass) -> Iterable[dict[str, object]]:
    """Every letter of the plan with what became of it; `waiting`: nobody tried."""
    fates = {planned.letter.letter_id: ("sent", "") for planned in done.sent}
    for state, found in (("refused", done.refused), ("later", done.later)):
        fates |= {planned.letter.letter_id: (state, detail) for planned, detail in found}
    for planned in done.plan.letters:
        yield _row(planned.letter, *fates.get(planned.letter.letter_id, ("waiting", "")))
    for item in done.plan.held:
        yield _row(item.letter, "held", item.words)


def write_outcome(settings: Settings, done: Pass) -> None:
    """Keep what a pass did: `outcomes/letters/<day>.json`; texts stay with the letters."""
    facts = {
        "day": f"{done.plan.day}",
        "problems": done.plan.problems,
        "letters": list(_rows(done)),
    }
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    write_atomically(room(settings) / f"{done.plan.day}.json", text.encode())


def deliver(settings: Settings, asked: Asked, at: datetime, mailbox: Mailbox) -> Pass:
    """Send the plan of a day.

    Args:
        settings: where the data and the ledger lie.
        asked: which letters.
        at: the moment of sending, aware.
        mailbox: where letters leave.

    Raises:
        MailServerUnavailable: the connection broke and could not be opened again.
        SenderRefused: the server does not let us write at all.
    """
    with alone(settings):
        done = Pass(make_plan(settings, asked))
        try:
            _send_all(settings, done, mailbox, at)
        finally:
            write_outcome(settings, done)
    return done


def lay_out(settings: Settings, plan: Plan) -> int:
    """Write the plan's letters as texts into `returned/outbox/` in place of what lay there."""
    folder = settings.returned / "outbox"
    temporary = folder.with_name(".outbox.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    for planned in plan.letters:
        letter = planned.letter
        name = f"{letter.to.code}__{letter.to.role}__{letter.kind}.txt"
        write_atomically(temporary / name, as_text(settings, planned).encode())
    shutil.rmtree(folder, ignore_errors=True)
    if plan.letters:
        temporary.rename(folder)
    write_outcome(settings, Pass(plan))
    return len(plan.letters)


def as_text(settings: Settings, planned: Planned) -> str:
    """A letter as a human reads it, with what is attached."""
    letter = planned.letter
    attached = [path.relative_to(settings.data_dir).as_posix() for path in letter.attachments]
    why = f"{load_config().kinds[letter.kind].title}, сообщений: {len(letter.notices)}"
    head = [f"Кому: {', '.join(planned.addresses)}", f"Повод: {why}", f"Тема: {letter.subject}"]
    head += [f"Вложения: {', '.join(attached)}"] if attached else []
    return "\n".join((*head, "", letter.text))
