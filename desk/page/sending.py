"""Whether a checked file may be sent by the one who is signed in.

What enters: the account and the verdicts, which stay as the check gave them. What leaves: a
`Decision`: yes, yes with the sender's consent, or no and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.page.accounts import Account
from desk.page.words import page_words
from expectations.check import FileVerdict
from expectations.protocol import SenderKey, sender_key, sender_name
from ingest.deliveries import Status
from ingest.forms import load_forms
from ingest.orders import nearest_order
from ingest.reference import load_reference


@dataclass(frozen=True)
class Decision:
    """May it be sent; `consent` is what the sender has to agree to, `refusal` why not."""

    consent: str = ""
    refusal: str = ""
    is_foreign: bool = False  # refused because it is somebody else's

    @property
    def is_allowed(self) -> bool:
        """Whether there is a button to send."""
        return not self.refusal


def shown_sender(key: SenderKey, now: datetime) -> str:
    """A sender with her code, as the page writes her: «T14 Зарайск»."""
    name = sender_name(key, load_reference(nearest_order(now.date()).order_id))
    return f"{key.code} {name}" if key.territory_id else name


def sender_of_account(account: Account) -> SenderKey:
    """Who signed in."""
    return SenderKey(account.code, account.territory_id)


def said_sender(verdict: FileVerdict) -> SenderKey:
    """Whose file it is by what it says."""
    return sender_key(vars(verdict.delivery), load_forms())


def _foreign(account: Account, verdict: FileVerdict, now: datetime) -> str:
    """Why this file is not the account's own; empty when it is, or says nothing about it."""
    said = verdict.delivery.sender_territory_id
    if account.is_operator or said in (None, account.territory_id):
        return ""
    words, other = page_words()["send"], shown_sender(said_sender(verdict), now)
    if said:
        own = shown_sender(sender_of_account(account), now)
        return str(words["foreign"].format(other=other, own=own))
    form = load_forms()[verdict.delivery.form_code or ""]
    return str(words["not_theirs"].format(form=f"{form.code} «{form.title}»", other=other))


def decide(account: Account, verdicts: Sequence[FileVerdict], now: datetime) -> Decision:
    """Whether the account may send what these verdicts were given on."""
    words = page_words()["send"]
    for verdict in verdicts:
        if foreign := _foreign(account, verdict, now):
            return Decision(refusal=foreign, is_foreign=True)
    rejected = [v for v in verdicts if v.status is Status.REJECTED]
    if len(rejected) == len(verdicts):
        return Decision(refusal=words["rejected"])
    if rejected:
        return Decision(consent=words["consent_files"].format(count=len(rejected)))
    rows = sum(v.counts.rejected for v in verdicts if v.counts)
    return Decision(consent=words["consent_rows"].format(count=rows) if rows else "")
