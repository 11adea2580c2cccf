"""What a letter brings: its tables and archives, told from signatures, pictures and old forwards.

What enters: the bytes of a letter. What leaves: attachments with the addresses of who sent them,
and what was passed over with the reason.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses
from typing import cast

from channels.base import Passed
from channels.senders import safe_name
from ingest.sniff import Kind, sniff

# These get an answer whatever is inside; what an extension hopes for is the reader's business.
TABLES = {"xlsx", "xlsm", "xls", "xlsb", "ods", "csv", "tsv"}
ARCHIVES = {"zip", "rar", "7z"}
# Content that cannot be anything else, under any name.
PLAIN_TO_SEE = {Kind.XLSX, Kind.XLSB, Kind.ODS, Kind.ARCHIVE, Kind.BOMB}
DEEPEST = 8  # letters in letters
_LOWER = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяё")
# Headers of real letters make the library's parser stumble in these ways.
_UNPARSABLE = (ValueError, LookupError, AttributeError, TypeError)


@dataclass(frozen=True)
class Attachment:
    """A file that a letter brings."""

    name: str
    data: bytes
    authors: tuple[str, ...]  # addresses: who wrote the letter it lies in, then who forwarded it


def _parse(data: bytes) -> Message:
    return email.message_from_bytes(data, policy=email.policy.default)


def _leaves(part: Message) -> Iterator[Message]:
    """Parts that hold something; a forwarded letter is one part."""
    if part.is_multipart() and part.get_content_type() != "message/rfc822":
        for child in cast("list[Message]", part.get_payload()):
            yield from _leaves(child)
    else:
        yield part


def _in_old_encoding(raw: bytes) -> str:
    """Text of a header without a word on its encoding: Russian programs used these two."""
    guesses = [raw.decode(name, errors="replace") for name in ("cp1251", "koi8-r")]
    # Either one read as the other comes out in capitals.
    return max(guesses, key=lambda text: sum(letter in _LOWER for letter in text))


def _file_name(part: Message) -> str:
    """Name of an attachment in any of the ways that programs write it; empty when there is none."""
    try:
        name = part.get_filename() or ""
    except _UNPARSABLE:
        return ""
    if "\ufffd" not in name:
        return name
    for header, value in part.raw_items():
        if header.lower() in {"content-disposition", "content-type"}:
            plain = Message()
            raw = str(value).encode("utf-8", "surrogateescape")
            plain[header] = " ".join(_in_old_encoding(raw).split())
            if found := plain.get_filename():
                return found
    return name


def _addresses(letter: Message) -> tuple[str, ...]:
    try:
        return tuple(address for _, address in getaddresses([str(letter["from"] or "")]))
    except _UNPARSABLE:
        return ()


def _why_not(name: str, part: Message, data: bytes) -> str | None:
    """The reason to pass an attachment over; None for what may be a table or an archive."""
    if name.lower() == "winmail.dat" or part.get_content_type() == "application/ms-tnef":
        return "packed_by_outlook"
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension in TABLES | ARCHIVES:
        return None
    kind = sniff(data)
    if kind in PLAIN_TO_SEE or (kind is Kind.XLS and not extension):
        return None
    # Mail programs put their own remarks into attachments of plain text.
    head = data.lstrip().split(b"\n", 1)[0]
    if extension == "txt" and kind is Kind.TEXT and (b"\t" in head or b";" in head):
        return None
    return "not_a_table"


def _own(
    letter: Message, authors: tuple[str, ...]
) -> tuple[list[Attachment | Passed], list[Message]]:
    """(what the letter itself brings, letters forwarded in it)."""
    brought: list[Attachment | Passed] = []
    forwarded: list[Message] = []
    for number, part in enumerate(_leaves(letter), start=1):
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            forwarded += cast("list[Message]", part.get_payload())
            continue
        name = safe_name(_file_name(part))
        if not name and part.get_content_maintype() == "text":
            continue  # the letter's own words
        data = cast("bytes", part.get_payload(decode=True)) or b""
        name = name or f"attachment-{number}"
        if name.lower().endswith(".eml"):
            forwarded.append(_parse(data))
        elif why := _why_not(name, part, data):
            brought.append(Passed(name, why))
        else:
            brought.append(Attachment(name, data, authors))
    return brought, forwarded


def attachments(data: bytes) -> list[Attachment | Passed]:
    """Everything that a letter brings.

    A letter that has tables of its own is answered by them: those of letters forwarded inside it
    are older, and passed over. A letter without any forwards for somebody else: then the nearest
    forwarded one that has tables is taken.
    """
    level: list[tuple[Message, tuple[str, ...]]] = [(_parse(data), ())]
    brought: list[Attachment | Passed] = []
    is_found = False
    for _ in range(DEEPEST):
        below: list[tuple[Message, tuple[str, ...]]] = []
        for letter, outer in level:
            if letter.get_content_type() == "multipart/report":
                continue  # a bounce returns what we sent
            authors = _addresses(letter) + outer
            own, forwarded = _own(letter, authors)
            brought += [_older(part) if is_found else part for part in own]
            below += [(inner, authors) for inner in forwarded]
        is_found = is_found or any(isinstance(part, Attachment) for part in brought)
        level = below
    return brought


def _older(part: Attachment | Passed) -> Passed:
    return part if isinstance(part, Passed) else Passed(part.name, "earlier_forwarded")
