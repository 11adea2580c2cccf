"""Restore: a data directory as a snapshot says, every byte checked before anything is touched.

What enters: a backup and a data directory that is empty or may be replaced. What leaves: the files,
links and rights of the snapshot; what is rebuilt from them is left to the next run.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from duty.backup import damaged
from duty.errors import BackupDamaged, NotEmpty
from duty.snapshots import KeptFile, Snapshot, read_snapshot
from duty.vault import Vault
from ingest.deliveries import room_for
from ingest.settings import Settings
from warehouse.catalogue import refresh_catalogue
from warehouse.files import sync
from warehouse.publish import CURRENT, MANIFEST

STAGING = ".restore"
_SHOWN = 20


@dataclass(frozen=True)
class Restored:
    """What came back."""

    snapshot_id: str
    n_files: int
    n_bytes: int
    versions: tuple[str, ...]  # of frozen marts
    as_of: tuple[str, ...]  # dates to run again, so that what is rebuilt is there too


def require_whole(vault: Vault, snapshot: Snapshot) -> None:
    """Check every byte of a snapshot.

    Raises:
        BackupDamaged: names the files that are missing or hold other bytes.
    """
    bad = [file.path for file in damaged(vault, snapshot)]
    if bad:
        more = f" and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
        raise BackupDamaged(
            f"{vault.folder}, snapshot {snapshot.snapshot_id}: damaged or missing: "
            f"{', '.join(bad[:_SHOWN])}{more}; nothing was restored. Restore another snapshot "
            "(--list shows them) or another copy of the backup"
        )


def _own(root: Path) -> Iterator[Path]:
    """What lies in a data directory, besides an unfinished restore and what file systems keep."""
    if root.exists():
        yield from (p for p in root.iterdir() if p.name not in {STAGING, "lost+found"})


def _write(vault: Vault, file: KeptFile, target: Path) -> None:
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as stream:
        for chunk in vault.chunks(file.sha256):
            digest.update(chunk)
            stream.write(chunk)
    if digest.hexdigest() != file.sha256:
        raise BackupDamaged(f"{vault.folder}: {file.path} changed while it was read")
    os.utime(target, ns=(file.changed_ns, file.changed_ns))
    target.chmod(file.mode)


def _stage(vault: Vault, snapshot: Snapshot, staging: Path) -> None:
    """Write everything aside; rights of folders come last, so that read-only ones can be filled."""
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True, mode=0o700)
    for folder in snapshot.folders:
        (staging / folder.path).mkdir(parents=True, exist_ok=True)
    for file in snapshot.files:
        with room_for(staging / ".no.tmp"):
            _write(vault, file, staging / file.path)
    for link in snapshot.links:
        (staging / link.path).symlink_to(link.target)
    for folder in reversed(snapshot.folders):
        (staging / folder.path).chmod(folder.mode)
    os.sync()  # once for thousands of files, before anything of the old data goes


def _show_marts(settings: Settings) -> None:
    """The catalogue names absolute paths: it is made anew for the place the data lies now."""
    manifest = settings.marts / CURRENT / MANIFEST
    if manifest.exists():
        settings.warehouse.mkdir(exist_ok=True)
        refresh_catalogue(settings, json.loads(manifest.read_text(encoding="utf-8")))


def restore(
    vault: Vault, settings: Settings, snapshot_id: str | None = None, *, replace: bool = False
) -> Restored:
    """Bring a data directory back.

    Args:
        vault: the backup.
        settings: where to; nothing may be at work there.
        snapshot_id: the newest one unless one is named.
        replace: remove what lies there, once everything of the snapshot is checked and written.

    Raises:
        NotEmpty: there is data and nobody said to replace it.
        NoBackup, BackupDamaged, WrongKey, DiskFull: the data directory is as it was.
    """
    root = settings.data_dir
    if any(_own(root)) and not replace:
        raise NotEmpty(
            f"expected an empty data directory, found data in {root}; "
            "name another one with --data, or say --replace to remove what lies there"
        )
    snapshot = read_snapshot(vault, snapshot_id)
    require_whole(vault, snapshot)
    staging = root / STAGING
    _stage(vault, snapshot, staging)
    for old in list(_own(root)):
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    for new in list(staging.iterdir()):
        os.replace(new, root / new.name)
    staging.rmdir()
    sync(root)
    _show_marts(settings)
    links = sorted(
        link.path.rpartition("/")[2] for link in snapshot.links if "by_date" in link.path
    )
    versions = {f.path.split("/")[1] for f in snapshot.files if f.path.startswith("marts/")}
    return Restored(
        snapshot.snapshot_id,
        len(snapshot.files),
        sum(file.size for file in snapshot.files),
        tuple(sorted(versions)),
        tuple(name.rpartition("__")[2] for name in links),
    )
