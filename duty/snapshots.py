"""The manifest of one finished backup: which paths it holds, with sizes and hashes.

What enters: a data directory. What leaves: what of it is kept, and manifests as JSON. Paths are
ours (hashes, dates, codes of senders): no file is kept under a name that a sender gave it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from duty.errors import NoBackup
from duty.vault import Vault
from ingest.yaml_files import parse_yaml


class KeptFile(BaseModel):
    """A file of a snapshot."""

    model_config = ConfigDict(frozen=True)

    path: str
    size: int
    sha256: str
    mode: int
    changed_ns: int  # when it was last written: an unchanged file is not read again


class KeptLink(BaseModel):
    """A symbolic link of a snapshot."""

    model_config = ConfigDict(frozen=True)

    path: str
    target: str


class KeptFolder(BaseModel):
    """A folder of a snapshot, empty ones too."""

    model_config = ConfigDict(frozen=True)

    path: str
    mode: int


class Snapshot(BaseModel):
    """What a data directory held at one moment, as far as it cannot be rebuilt."""

    model_config = ConfigDict(frozen=True)

    snapshot_id: str
    made_at: datetime
    files: tuple[KeptFile, ...]
    links: tuple[KeptLink, ...]
    folders: tuple[KeptFolder, ...]


class _LeftOut(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    why: str


class Contents(BaseModel):
    """`contents.yml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    left_out: tuple[_LeftOut, ...]
    keep_snapshots: int

    def is_left_out(self, path: str) -> bool:
        """Whether a path below the data directory is not kept."""
        parts = path.split("/")
        if parts[-1].startswith(".") and parts[-1].endswith(".tmp"):
            return True  # half-written by somebody at work
        return any(
            len(parts) == len(wanted := item.path.split("/"))
            and all(map(fnmatchcase, parts, wanted))
            for item in self.left_out
        )


@cache
def load_contents() -> Contents:
    """`contents.yml`."""
    text = Path(__file__).with_name("contents.yml").read_text(encoding="utf-8")
    return Contents.model_validate(parse_yaml(text))


@dataclass(frozen=True)
class Found:
    """What lies in a data directory and is to be kept."""

    files: tuple[str, ...]
    links: tuple[KeptLink, ...]
    folders: tuple[KeptFolder, ...]


def _walk(root: Path, below: str = "") -> Iterator[os.DirEntry[str]]:
    with os.scandir(root / below) as entries:
        for entry in sorted(entries, key=lambda e: e.name):
            path = f"{below}/{entry.name}" if below else entry.name
            if load_contents().is_left_out(path):
                continue
            yield entry
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(root, path)


def find(root: Path) -> Found:
    """What is to be kept, in a fixed order.

    Links come first and manifests of deliveries before their bytes: what a later step of a run
    would add is then missed as a whole, never in part.
    """
    files: list[str] = []
    links: list[KeptLink] = []
    folders: list[KeptFolder] = []
    for entry in _walk(root):
        path = os.path.relpath(entry.path, root)
        if entry.is_symlink():
            links.append(KeptLink(path=path, target=os.readlink(entry.path)))
        elif entry.is_dir():
            mode = entry.stat().st_mode & 0o7777
            folders.append(KeptFolder(path=path, mode=mode))
        elif entry.is_file():
            files.append(path)
    return Found(tuple(files), tuple(links), tuple(folders))


def finished(vault: Vault) -> list[str]:
    """Ids of the snapshots of a backup, oldest first."""
    return sorted(path.stem for path in vault.snapshots.glob("[!.]*.json"))


def read_snapshot(vault: Vault, snapshot_id: str | None = None) -> Snapshot:
    """A snapshot, the newest one unless one is named.

    Raises:
        NoBackup: there is no such snapshot.
        BackupDamaged: its manifest is not what was written.
    """
    known = finished(vault)
    chosen = snapshot_id or (known[-1] if known else None)
    if chosen not in known:
        raise NoBackup(
            f"{vault.folder}: expected a finished snapshot {snapshot_id or ''}, found "
            f"{', '.join(known) or 'none'}"
        )
    text = vault.read_text(vault.snapshots / f"{chosen}.json")
    return Snapshot.model_validate_json(text)


def write_snapshot(vault: Vault, snapshot: Snapshot) -> None:
    """Finish a backup: from now on it can be restored."""
    path = vault.snapshots / f"{snapshot.snapshot_id}.json"
    vault.write_text(path, snapshot.model_dump_json(indent=1))
