"""A letter as a mail message: the same bytes for the same letter, sender and moment.

What enters: a planned letter. What leaves: an `EmailMessage`; its Message-ID is the letter's own,
so a mail program shows a repeated one once.
"""

from __future__ import annotations

import mimetypes
from datetime import datetime
from email.header import Header
from email.headerregistry import HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from desk.letters.compose import Planned


class _Subject(UniqueUnstructuredHeader):
    """A subject in the older, sound encoding: Python 3.11 loses spaces where it folds Russian."""

    def fold(self, *, policy: Policy[Any]) -> str:
        """The header as it travels."""
        encoded = Header(str(self), "utf-8", header_name="Subject").encode(linesep=policy.linesep)
        return f"Subject: {encoded}{policy.linesep}"


_HEADERS = HeaderRegistry()
# The registry itself adds the base class that its types ask for.
_HEADERS.map_to_type("subject", _Subject)  # type: ignore[arg-type]
_POLICY = SMTP.clone(header_factory=_HEADERS)


def message_to(addresses: tuple[str, ...], sender: str) -> EmailMessage:
    """A message without text yet, whose Russian subject arrives whole."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = ", ".join(addresses)
    return message


def attach(message: EmailMessage, path: Path) -> None:
    """Add a file under its name."""
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    major, _, minor = kind.partition("/")
    message.add_attachment(path.read_bytes(), major, minor, filename=path.name)


def build_message(
    planned: Planned, sender: str, at: datetime, reply_to: tuple[str, ...] = ()
) -> EmailMessage:
    """The message of a letter.

    Args:
        planned: the letter and its addresses.
        sender: the address that it comes from.
        at: the moment of sending, aware.
        reply_to: where answers and files are expected; the sender's own address if empty.
    """
    letter = planned.letter
    message = message_to(planned.addresses, sender)
    if reply_to:
        message["Reply-To"] = ", ".join(reply_to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{letter.letter_id}@{sender.rpartition('@')[2]}>"
    # Out-of-office programs do not answer such a letter (RFC 3834; the second is Exchange's).
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text, charset="utf-8", cte="base64")
    for path in letter.attachments:
        attach(message, path)
    if letter.attachments:
        message.set_boundary(f"=_{letter.letter_id}")
    return message
