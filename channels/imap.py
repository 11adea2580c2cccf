"""A mailbox as a channel: every letter is an item, its tables are files.

What enters: a logged-in IMAP client. What leaves: attachments under their senders' folders. The
mailbox is opened for reading only: letters stay unread, unmoved and undeleted.
"""

from __future__ import annotations

import base64
import imaplib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from channels.base import (
    ChannelRefused,
    ChannelUnreachable,
    Found,
    Item,
    ItemUnavailable,
    Passed,
)
from channels.letters import attachments
from channels.senders import Senders
from ingest.settings import MOSCOW

ANSWER_SECONDS = 60.0
AT_ONCE = 500  # letters asked about in one command
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_FACT = re.compile(rb'UID (\d+)|RFC822\.SIZE (\d+)|INTERNALDATE "([^"]+)"')
_BEYOND_ASCII = re.compile(r"[^\x20-\x7e]+|&")


def mailbox_name(name: str) -> str:
    """A mailbox's name as IMAP writes it: Russian letters in its own kind of UTF-7, in quotes."""

    def encoded(match: re.Match[str]) -> str:
        if match[0] == "&":
            return "&-"
        letters = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=")
        return f"&{letters.replace('/', ',')}-"

    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_BEYOND_ASCII.sub(encoded, quoted)}"'


@contextmanager
def _faults(place: str) -> Iterator[None]:
    """Word the library's faults as the channel's."""
    try:
        yield
    except (imaplib.IMAP4.abort, OSError) as error:
        raise ChannelUnreachable(
            f"{place}: the answer broke off ({type(error).__name__}: {error}); "
            "the next pass tries again"
        ) from error
    except imaplib.IMAP4.error as error:
        raise ChannelRefused(
            f"{place}: expected to read, found the answer «{error}»; "
            "mend the mailbox in channels.yml or the account's rights"
        ) from error


class ImapChannel:
    """Letters of one mailbox."""

    left_by_senders = False

    def __init__(
        self, client: Any, mailbox: str, since: date | None, senders: Senders, sender: str | None
    ) -> None:
        """Read a mailbox with a logged-in client of `imaplib`.

        Args:
            client: logged in; its socket gets a time limit.
            mailbox: its name as people read it.
            since: letters that came before this day are not listed.
            senders: whose address stands for which folder.
            sender: the folder of letters whose address nobody knows.
        """
        self._client, self._mailbox, self._since = client, mailbox, since
        self._senders, self._sender = senders, sender
        self._place = f"mailbox {mailbox}"
        client.sock.settimeout(ANSWER_SECONDS)

    def _said(self, answer: tuple[str, list[Any]]) -> list[Any]:
        status, data = answer
        if status != "OK":
            words = b" ".join(part for part in data if isinstance(part, bytes))
            raise imaplib.IMAP4.error(words.decode("utf-8", "replace"))
        return data

    def items(self) -> Iterator[Item]:
        """Letters that are there now; a rebuilt mailbox (UIDVALIDITY) makes all of them new."""
        with _faults(self._place):
            self._said(self._client.select(mailbox_name(self._mailbox), readonly=True))
            validity = (self._client.response("UIDVALIDITY")[1][0] or b"0").decode()
            criteria = ["ALL"]
            if day := self._since:
                criteria = ["SINCE", f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}"]
            found = self._said(self._client.uid("SEARCH", *criteria))
            uids = (found[0] or b"").decode().split()
            facts = [
                row
                for start in range(0, len(uids), AT_ONCE)
                for row in self._facts(uids[start : start + AT_ONCE])
            ]
        for uid, size, at in facts:
            yield Item(uid, f"{self._mailbox}:{validity}", f"{self._mailbox}:{uid}", size, at)

    def _facts(self, uids: list[str]) -> Iterator[tuple[str, int, datetime]]:
        answer = self._client.uid("FETCH", ",".join(uids), "(UID RFC822.SIZE INTERNALDATE)")
        for line in self._said(answer):
            facts = _FACT.findall(line if isinstance(line, bytes) else b"")
            columns = [b"".join(column).decode() for column in zip(*facts, strict=True)]
            if all(columns) and columns:  # else the server tells of something nobody asked
                uid, size, at = columns
                yield uid, int(size), _moment(at)

    def fetch(self, item: Item) -> Iterator[Found | Passed]:
        """The tables and archives of a letter, under the folder of who sent it."""
        with _faults(self._place):
            answer = self._said(self._client.uid("FETCH", item.key, "(BODY.PEEK[])"))
        letter = next((part[1] for part in answer if isinstance(part, tuple)), None)
        if letter is None:
            raise ItemUnavailable("gone")
        try:
            parts = attachments(letter)
        except Exception as error:  # a foreign parser on hostile bytes raises anything
            raise ItemUnavailable("unreadable") from error
        for part in parts:
            if isinstance(part, Passed):
                yield part
                continue
            folder = self._senders.of_addresses(part.authors) or self._sender
            yield Found(f"{folder}/{part.name}" if folder else part.name, (part.data,))


def _moment(text: str) -> datetime:
    """A server's date, `02-Oct-2024 09:30:00 +0300`; months are English whatever the locale."""
    for number, month in enumerate(_MONTHS, start=1):
        text = text.replace(f"-{month}-", f"-{number:02d}-")
    return datetime.strptime(text.strip(), "%d-%m-%Y %H:%M:%S %z").astimezone(MOSCOW)
