"""A delivery: one received file, and what reading it found.

What enters: facts of landing and reading. What leaves: frozen objects kept as JSON beside the rows.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from ingest.limits import most
from ingest.settings import Settings, temporary_of
from ingest.yaml_files import read_yaml

UNPACKED = "F-UNPACKED"  # what is said of an archive whose members are deliveries of their own
PLATFORM_OR_OPERATOR = 0  # sender_territory_id of files that no territory sends


class DiskFull(Exception):
    """The data directory has no room to keep what was received or read."""


_FULL = ("No space left on device", "Disk quota exceeded")


def says_disk_full(message: str) -> bool:
    """Whether a message of DuckDB means that the disk is full."""
    return any(words in message for words in _FULL)


class Status(StrEnum):
    """What became of a delivery (architecture, section «Words»)."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_REMARKS = "accepted_with_remarks"
    PARTIALLY_ACCEPTED = "partially_accepted"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    REPLY = "reply"


class FileFinding(BaseModel):
    """Something wrong with a file as a whole, worded for its sender."""

    model_config = ConfigDict(frozen=True)

    code: str
    severity: str
    title: str
    message: str
    how_to_fix: str
    sheet: str | None = None
    row: int | None = None
    column_title: str | None = None


class Reply(BaseModel):
    """What a sender wrote beside a finding in the answer that she sent back."""

    model_config = ConfigDict(frozen=True)

    row: int
    code: str
    text: str


class Landed(BaseModel):
    """Manifest of received bytes; written once and never changed."""

    model_config = ConfigDict(frozen=True)

    delivery_id: str
    sha256: str
    size: int
    channel: str
    source: str  # path inside the channel, e.g. `T14/M04_….xlsx`
    received_at: datetime
    landed_at: datetime

    @property
    def file_name(self) -> str:
        """Name as the sender gave it."""
        return self.source.rsplit("/", 1)[-1]

    @property
    def folder(self) -> str:
        """First folder of the channel path: a hint of who sent it; empty when there is none."""
        return self.source.split("/", 1)[0] if "/" in self.source else ""


class Delivery(BaseModel):
    """A landed file after reading: routed, counted, with file-level findings."""

    model_config = ConfigDict(frozen=True)

    delivery_id: str
    sha256: str
    file_name: str
    channel: str
    folder: str
    received_at: datetime
    form_code: str | None
    form_version: int | None
    sender_territory_id: int | None
    as_of: date | None
    period: str | None
    version: int
    is_zero_report: bool
    n_rows: int
    n_broken: int = 0  # rows of csv that could not be read: received, never accepted
    file_findings: tuple[FileFinding, ...]
    parsed_path: Path | None
    # Hash of what the file says, however it was saved; None of an export, which nobody saves anew.
    content: str | None = None
    read_with: str  # fingerprint of the reader's knowledge (forms, messages, aliases)
    # An answer of ours that came back is no form; None for every other file.
    replies: tuple[Reply, ...] | None = None

    @property
    def is_readable(self) -> bool:
        """Whether rows came out and nothing blocks the file."""
        return self.parsed_path is not None and not any(
            f.severity == "block" for f in self.file_findings
        )

    @property
    def is_unpacked(self) -> bool:
        """Whether this is an archive, answered by the files that lay in it."""
        return any(f.code == UNPACKED for f in self.file_findings)


def record_path(settings: Settings, delivery_id: str) -> Path:
    """Where the result of reading a delivery lies."""
    return settings.parsed / delivery_id / "delivery.json"


def load_delivery(settings: Settings, delivery_id: str) -> Delivery | None:
    """The result of reading a delivery, or None when it was not read yet or its rows are gone."""
    path = record_path(settings, delivery_id)
    if not path.exists():
        return None
    delivery = Delivery.model_validate_json(path.read_text(encoding="utf-8"))
    if delivery.parsed_path is None:
        return delivery
    # Kept relative, so that a data directory can be moved.
    rows = path.parent / delivery.parsed_path
    return delivery.model_copy(update={"parsed_path": rows}) if rows.exists() else None


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    path = Path(__file__).with_name("messages.yml")
    catalogue: dict[str, dict[str, str]] = read_yaml(path)
    return catalogue


def _short(text: str) -> str:
    """A sender's text as a message can hold it."""
    longest = most("fact_letters")
    return text if len(text) <= longest else f"{text[:longest]}…"


def file_finding(
    code: str,
    facts: Mapping[str, Any],
    *,
    sheet: str | None = None,
    row: int | None = None,
    column_title: str | None = None,
) -> FileFinding:
    """The finding `code` of `messages.yml`, its texts filled with `facts`."""
    entry = _catalogue()[code]
    cells = {"sheet": sheet or "", "row": row or "", "column": column_title or "", **facts}
    known = {name: _short(f"{value}") for name, value in cells.items()}
    return FileFinding(
        code=code,
        severity=entry["severity"],
        title=entry["title"],
        message=entry["message"].format_map(known),
        how_to_fix=entry["fix"].format_map(known),
        sheet=sheet,
        row=row,
        column_title=column_title,
    )


def file_finding_catalogue() -> dict[str, dict[str, str]]:
    """All file-level findings: code → severity, title, message, fix."""
    return dict(_catalogue())


def write_atomically(path: Path, data: bytes) -> None:
    """Write bytes so that a killed process leaves either nothing or the whole file."""
    temporary = temporary_of(path)
    with room_for(temporary):
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)


@contextmanager
def room_for(temporary: Path) -> Iterator[None]:
    """Leave no half-written `temporary` behind, and say plainly when the disk is full.

    Raises:
        DiskFull: no space or no quota was left.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise DiskFull(
            f"no room to write {temporary.name} in {temporary.parent}; "
            "free space and run again: nothing received so far is lost"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
