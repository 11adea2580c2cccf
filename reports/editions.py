"""Editions: what was handed over stays as it was; a later one lies beside it.

What enters: checked bytes of one load. What leaves: `reports/<date>/editions/<load_id>/`, written
once, and the same files in `reports/<date>/` for the newest edition.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ingest.settings import Settings
from reports.errors import ReportNotWritten

MANIFEST = "manifest.json"
EDITIONS = "editions"


@dataclass(frozen=True)
class Staged:
    """A file that waits under a temporary name."""

    path: Path
    temporary: Path
    digest: str


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Say a refusal of the disk in words.

    Raises:
        ReportNotWritten: the disk refused.
    """
    try:
        yield
    except OSError as error:
        raise ReportNotWritten(path, error.strerror or str(error)) from error


def folder_of(settings: Settings, as_of: date) -> Path:
    """Where the newest edition of a date lies."""
    return settings.reports / as_of.isoformat()


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """The manifest of the newest edition, or None."""
    path = folder / MANIFEST
    if not path.exists():
        return None
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


@dataclass
class Staging:
    """Files of one edition on their way: all of them appear, or none."""

    folder: Path
    load_id: str
    files: list[Staged] = field(default_factory=list)

    @property
    def frozen(self) -> Path:
        """The folder of the edition itself."""
        return self.folder / EDITIONS / self.load_id

    def add(self, name: str, content: bytes) -> Staged:
        """Write under a temporary name, to the disk itself."""
        path = self.frozen / name
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        staged = Staged(path, temporary, hashlib.sha256(content).hexdigest())
        self.files.append(staged)
        with disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        return staged

    def hand_over(self) -> list[Path]:
        """Put every file in its place and show the edition as the newest."""
        shown = []
        for item in self.files:
            with disk(item.path):
                item.temporary.replace(item.path)
                top = self.folder / item.path.relative_to(self.frozen)
                top.parent.mkdir(parents=True, exist_ok=True)
                link = top.with_name(f".{top.name}.{os.getpid()}.link")
                link.unlink(missing_ok=True)
                os.link(item.path, link)
                link.replace(top)
            shown.append(top)
        return shown

    def forget(self) -> None:
        """Remove what was not handed over."""
        for item in self.files:
            try:
                item.temporary.unlink(missing_ok=True)
            except OSError:
                # The disk that refused the file may refuse this too; the first error is told.
                continue
