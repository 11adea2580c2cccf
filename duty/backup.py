"""Backup: everything that cannot be rebuilt, kept by content, finished by one manifest.

What enters: a data directory and a folder elsewhere. What leaves: one more snapshot there, every
byte of it read back. A killed backup leaves the snapshots before it whole and is repeated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from duty.errors import BackupDamaged, BackupInside
from duty.snapshots import (
    KeptFile,
    Snapshot,
    find,
    finished,
    load_contents,
    read_snapshot,
    write_snapshot,
)
from duty.vault import Vault, alone
from ingest.settings import MOSCOW, Settings

WITHDRAWN = "withdrawals"  # proofs of withdrawn consents, below outcomes


@dataclass(frozen=True)
class BackedUp:
    """What one backup did."""

    snapshot_id: str
    n_files: int
    n_bytes: int
    n_new: int  # files whose content was not there
    n_new_bytes: int
    mended: tuple[str, ...]  # paths whose kept bytes were damaged and were copied again
    dropped: tuple[str, ...]  # older snapshots that went


@dataclass
class _Count:
    new: int = 0
    new_bytes: int = 0


def _unchanged(vault: Vault) -> dict[tuple[str, int, int], str]:
    """Hashes of what the newest snapshot holds, by path, size and time of change."""
    known = finished(vault)
    if not known:
        return {}
    try:
        last = read_snapshot(vault, known[-1])
    except BackupDamaged:
        return {}  # then everything is read again
    return {(f.path, f.size, f.changed_ns): f.sha256 for f in last.files if vault.has(f.sha256)}


def _keep(vault: Vault, root: Path, paths: Iterable[str], count: _Count) -> list[KeptFile]:
    before = _unchanged(vault)
    kept: list[KeptFile] = []
    for path in paths:
        try:
            stat = (root / path).stat()
            sha256, size = before.get((path, stat.st_size, stat.st_mtime_ns)), stat.st_size
            if sha256 is None:
                sha256, size, is_new = vault.put(root / path)
                count.new += is_new
                count.new_bytes += size * is_new
        except FileNotFoundError:
            continue  # replaced or finished by a run at work since it was listed
        kept.append(
            KeptFile(
                path=path,
                size=size,
                sha256=sha256,
                mode=stat.st_mode & 0o7777,
                changed_ns=stat.st_mtime_ns,
            )
        )
    return kept


def damaged(vault: Vault, snapshot: Snapshot) -> list[KeptFile]:
    """Files of a snapshot whose bytes in the backup are not those of its manifest."""
    whole = {
        sha256: vault.is_whole(sha256) for sha256 in sorted({f.sha256 for f in snapshot.files})
    }
    return [file for file in snapshot.files if not whole[file.sha256]]


def _mend(vault: Vault, root: Path, snapshot: Snapshot) -> tuple[str, ...]:
    """Read everything back; what was damaged by time is copied again.

    Raises:
        BackupDamaged: the medium keeps other bytes than it was given.
    """
    bad = damaged(vault, snapshot)
    for file in bad:
        vault.drop(file.sha256)
        vault.put(root / file.path)
    still = [file.path for file in bad if not vault.is_whole(file.sha256)]
    if still:
        raise BackupDamaged(
            f"{vault.folder}: expected the bytes just written, found others in "
            f"{len(still)} files, first {still[0]}; the medium may fail: use another one"
        )
    return tuple(file.path for file in bad)


def last_withdrawal(settings: Settings) -> datetime | None:
    """When the data was last freed of a person: older backups still hold her."""
    proofs = (settings.outcomes / WITHDRAWN).glob("[!.]*.json")
    moments = [json.loads(path.read_text(encoding="utf-8"))["applied_at"] for path in proofs]
    return max(map(datetime.fromisoformat, moments), default=None)


def _drop_old(vault: Vault, withdrawn_at: datetime | None) -> tuple[str, ...]:
    known = finished(vault)
    limit = _name(withdrawn_at) if withdrawn_at else ""
    going = known[: -load_contents().keep_snapshots]
    going += [name for name in known[:-1] if name < limit and name not in going]
    for name in going:
        (vault.snapshots / f"{name}.json").unlink()
    return tuple(going)


def _sweep(vault: Vault) -> None:
    """Remove objects that no snapshot names, and what killed backups left."""
    named = {
        vault.object_path(file.sha256)
        for snapshot_id in finished(vault)
        for file in read_snapshot(vault, snapshot_id).files
    }
    for path in (vault.folder / "objects").rglob("*"):
        if path.is_file() and path not in named:
            path.unlink()


def _name(moment: datetime) -> str:
    return f"{moment.astimezone(MOSCOW):%Y%m%dT%H%M%S}"


def _require_apart(root: Path, folder: Path) -> None:
    one, other = root.resolve(), folder.resolve()
    if one == other or one in other.parents or other in one.parents:
        raise BackupInside(
            f"expected a folder outside the data directory {one}, found {other}; "
            "name one on another disk"
        )


def back_up(settings: Settings, vault: Vault, now: datetime) -> BackedUp:
    """Make one more snapshot: only new contents are copied, all of it is read back.

    Args:
        settings: whose data; a run may be at work.
        vault: where to.
        now: the moment that names the snapshot, aware.

    Raises:
        BackupInside, BackupBusy, DiskFull, BackupDamaged: the snapshots before stay whole.
    """
    root = settings.data_dir
    _require_apart(root, vault.folder)
    with alone(vault):
        found, count = find(root), _Count()
        files = _keep(vault, root, found.files, count)
        snapshot = Snapshot(
            snapshot_id=_name(now),
            made_at=now,
            files=tuple(files),
            links=found.links,
            folders=found.folders,
        )
        mended = _mend(vault, root, snapshot)
        write_snapshot(vault, snapshot)
        dropped = _drop_old(vault, last_withdrawal(settings))
        if dropped:
            _sweep(vault)
    n_bytes = sum(file.size for file in files)
    return BackedUp(
        snapshot.snapshot_id, len(files), n_bytes, count.new, count.new_bytes, mended, dropped
    )
