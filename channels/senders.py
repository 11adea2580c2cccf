"""Who sent a file: the folder that stands for a sender, from a path or from an address.

What enters: a path inside a channel, an address, `senders.csv` of the data directory. What leaves:
a source whose first folder is the sender's (`T14/M04.xlsx`), or none: then the content decides.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ingest.addresses import load_addresses
from ingest.landing import plain_name, short_name
from ingest.settings import Settings

COLUMNS = ["sender", "folder"]
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class SendersNotUnderstood(Exception):
    """The address book contradicts itself or has other columns."""


@dataclass(frozen=True)
class Senders:
    """The address book: an address, `@domain` or a login → the folder of its sender."""

    folders: dict[str, str]

    def of_folder(self, name: str) -> str:
        """The sender's folder that stands for a name at the other end; unknown names stay."""
        return self.folders.get(name.casefold(), name)

    def of_addresses(self, addresses: Iterable[str]) -> str | None:
        """The folder of the first address that the book knows, whole or by its domain."""
        for address in addresses:
            key = address.strip().casefold()
            for known in (key, "@" + key.rpartition("@")[2]):
                if folder := self.folders.get(known):
                    return folder
        return None


def load_senders(settings: Settings) -> Senders:
    """Whose an address or a folder is: the letters' address book, and `senders.csv` before it.

    Who is written to also writes: an address stands in one place. `senders.csv` adds what no letter
    goes to: domains, logins, folders.

    Raises:
        SendersNotUnderstood: wrong columns, an empty cell, or one sender in two folders.
    """
    return Senders(load_addresses(settings).owners() | _listed(settings.senders_file))


def _listed(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    folders: dict[str, str] = {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        if rows.fieldnames != COLUMNS:
            raise SendersNotUnderstood(
                f"{path.name}: expected the columns {COLUMNS}, found {rows.fieldnames}; "
                "mend the first line"
            )
        for number, row in enumerate(rows, start=2):
            sender, folder = ((row[name] or "").strip() for name in COLUMNS)
            if not sender or not folder or folders.get(sender.casefold(), folder) != folder:
                raise SendersNotUnderstood(
                    f"{path.name}, line {number}: expected a sender with one folder, "
                    "found an empty cell or a second folder; mend the line"
                )
            folders[sender.casefold()] = folder
    return folders


def safe_path(path: str) -> str:
    """A path that leads nowhere but down and that any program can print."""
    parts = [part for part in path.split("/") if part not in {"", ".", ".."}]
    return "/".join(short_name(plain_name(_CONTROL.sub("_", part))) for part in parts)


def safe_name(name: str) -> str:
    """The last part of a name, whatever system it comes from."""
    return PurePosixPath(safe_path(name.replace("\\", "/"))).name


@dataclass(frozen=True)
class Placing:
    """How a channel's paths tell their sender."""

    senders: Senders
    sender: str | None = None
    sender_from: str | None = None

    def source(self, path: str) -> str:
        """The path under its sender's folder: said by the channel, else found in the path."""
        clean = safe_path(path)
        if self.sender:
            return f"{self.sender}/{clean}"
        first, _, rest = clean.partition("/")
        if self.sender_from and (match := re.search(self.sender_from, clean)):
            first, rest = match["sender"], clean[match.end() :].lstrip("/")
        return f"{self.senders.of_folder(first)}/{rest}" if rest else clean
