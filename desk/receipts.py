"""Receipts: the proof that a file was received, when, with which bytes, and what became of it.

What enters: manifests of landing, results of reading, verdicts of runs. What leaves: a `Receipt` a
delivery and its text in `returned/receipts/<sender>/`; the file's own name goes only to its sender.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from desk.letters.texts import render
from desk.verdicts import FileVerdict, checked_runs, newest_verdicts
from expectations.protocol import SenderKey, protocol_words, sender_key, sender_name
from ingest.deliveries import (
    Delivery,
    Landed,
    file_finding_catalogue,
    load_delivery,
    write_atomically,
)
from ingest.forms import load_forms
from ingest.landing import CHUNK, all_landed
from ingest.orders import nearest_order
from ingest.reference import load_reference
from ingest.settings import MOSCOW, Settings
from ingest.yaml_files import read_yaml
from reports.formats import day, month

SHORTEST_NUMBER = 8  # signs of a number that a person may leave it at
_LOOKALIKE = str.maketrans("АВСЕавсе", "ABCEabce")


class ReceiptNotFound(Exception):
    """Nothing that was received has this number or these bytes."""


@cache
def receipt_words() -> dict[str, Any]:
    """`receipts.yml`."""
    path = Path(__file__).with_name("receipts.yml")
    words: dict[str, Any] = read_yaml(path)
    return words


def number_of(delivery_id: str) -> str:
    """A delivery's id as people dictate it: `E4BF-CC0E-81ED-098C`."""
    parts = (delivery_id[start : start + 4] for start in range(0, len(delivery_id), 4))
    return "-".join(parts).upper()


@dataclass(frozen=True)
class Receipt:
    """One received file; all times are Moscow's."""

    landed: Landed
    delivery: Delivery | None  # None: not read yet
    verdict: FileVerdict | None  # None: not checked yet

    @property
    def number(self) -> str:
        """The number on the receipt."""
        return number_of(self.landed.delivery_id)

    @cached_property
    def sender(self) -> SenderKey:
        """Whose file it is."""
        found = self.verdict.row if self.verdict else vars(self.delivery) if self.delivery else {}
        place = {"sender_territory_id": None, "form_code": None, **found}
        return sender_key({**place, "delivery_id": self.landed.delivery_id}, load_forms())

    @property
    def sender_name(self) -> str:
        """The sender in words."""
        order = nearest_order(self.landed.received_at.astimezone(MOSCOW).date())
        return sender_name(self.sender, load_reference(order.order_id))

    @property
    def form(self) -> str:
        """Form and period as the reader recognised them; empty when it did not."""
        form = load_forms().get((self.delivery and self.delivery.form_code) or "")
        if form is None or self.delivery is None:
            return ""
        title, period = f"{form.code} {form.title}", self.delivery.period
        if form.kind == "snapshot" and self.delivery.as_of:
            return f"{title} на {day(self.delivery.as_of)}"
        return f"{title} за {month(period)} {period[:4]} г." if period else title

    @property
    def channel(self) -> str:
        """The way the file came, in words."""
        channels: dict[str, str] = receipt_words()["channels"]
        return channels.get(self.landed.channel, self.landed.channel)

    @property
    def state(self) -> str:
        """What became of it, in words."""
        words: dict[str, str] = receipt_words()["states"]
        if self.verdict:
            labels = protocol_words()["statuses"]
            return str(labels[self.verdict.row["status"]]["label"])
        if self.delivery is None:
            return words["not_read"]
        return words["not_checked" if self.delivery.is_readable else "unreadable"]

    @property
    def problems(self) -> list[str]:
        """What stops the file as a whole and how to mend it.

        The catalogue's own words: those of a finding may quote the file's sheets and cells.
        """
        found = self.delivery.file_findings if self.delivery else ()
        known = file_finding_catalogue()
        entries = [known[finding.code] for finding in found if finding.severity == "block"]
        return [
            entry["title"] + ("." if "{" in entry["fix"] else f". {entry['fix']}")
            for entry in entries
        ]

    @property
    def file_name(self) -> str:
        """Name of the file that the receipt is kept in."""
        return str(receipt_words()["file_name"].format(number=self.number))

    @property
    def text(self) -> str:
        """The receipt as it is kept and printed."""
        return render("receipt_file", receipt=self)


def receipts(
    settings: Settings,
    landed: Iterable[Landed] | None = None,
    verdicts: Mapping[str, FileVerdict] | None = None,
) -> list[Receipt]:
    """Receipts of deliveries, in the order of their coming.

    Args:
        settings: where the data lies.
        landed: which deliveries; all that ever came by default.
        verdicts: what `newest_verdicts` gave, if it was asked already.
    """
    if verdicts is None:
        verdicts = newest_verdicts(checked_runs(settings))
    chosen = all_landed(settings) if landed is None else landed
    return [
        Receipt(item, load_delivery(settings, item.delivery_id), verdicts.get(item.delivery_id))
        for item in chosen
    ]


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def find_receipts(settings: Settings, asked: str) -> list[Receipt]:
    """The receipts of a file on disk, or of a number (its first 8 signs are enough).

    Raises:
        ReceiptNotFound: nothing received fits.
    """
    path = Path(asked)
    if path.is_file():
        sha256 = _hash(path)
        found = [item for item in all_landed(settings) if item.sha256 == sha256]
        if not found:
            raise ReceiptNotFound(receipt_words()["no_such_bytes"].format(sha256=sha256))
        return receipts(settings, found)
    number = asked.translate(_LOOKALIKE).replace("-", "").replace(" ", "").lower()
    found = []
    if len(number) >= SHORTEST_NUMBER:
        found = [item for item in all_landed(settings) if item.delivery_id.startswith(number)]
    if not found:
        raise ReceiptNotFound(receipt_words()["no_such_number"].format(asked=asked))
    return receipts(settings, found)


def receipt_path(settings: Settings, receipt: Receipt) -> Path:
    """Where a sender picks her receipt up."""
    return settings.returned / "receipts" / receipt.sender.code / receipt.file_name


def write_receipts(settings: Settings) -> int:
    """Write every receipt whose text is new; how many receipts there are.

    Raises:
        DiskFull: there is no room.
    """
    found = receipts(settings)
    for receipt in found:
        path, text = receipt_path(settings, receipt), receipt.text.encode()
        if not path.exists() or path.read_bytes() != text:
            write_atomically(path, text)
    return len(found)
