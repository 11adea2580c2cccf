"""Where a backup keeps bytes: one object a content, named by its hash, sealed if there is a key.

What enters: files. What leaves: objects that appear whole or not at all; the same content is kept
once, however many snapshots name it.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from duty.errors import BackupBusy, BackupDamaged, NoBackup, WrongKey
from duty.seal import seal, unseal
from ingest.deliveries import room_for, write_atomically
from ingest.landing import chunks_of
from ingest.settings import temporary_of
from warehouse.files import sync

FORMAT = 1
MARK = "bvb-backup.json"
_KNOWN = b"bvb backup"


@dataclass(frozen=True)
class Vault:
    """A backup's folder and the key that seals it, if any."""

    folder: Path
    key: bytes | None = None

    def object_path(self, sha256: str) -> Path:
        """Where a content lies; sealed, its name tells nothing of what is in it."""
        name = sha256
        if self.key:
            name = hmac.new(self.key, sha256.encode(), hashlib.sha256).hexdigest()
        return self.folder / "objects" / name[:2] / name

    @property
    def snapshots(self) -> Path:
        """Manifests of finished backups."""
        return self.folder / "snapshots"

    def put(self, path: Path) -> tuple[str, int, bool]:
        """Keep a file: its hash, its size, whether it is new here.

        The hash is of the very bytes that were read: a file that changes meanwhile is kept as read.
        """
        digest, size = hashlib.sha256(), 0

        def counted() -> Iterator[bytes]:
            nonlocal size
            for chunk in chunks_of(path):
                digest.update(chunk)
                size += len(chunk)
                yield chunk

        temporary = temporary_of(self.folder / "objects" / "arriving")
        temporary.parent.mkdir(parents=True, exist_ok=True)
        # The name that a sealed stream is bound to is not known before all of it was read.
        with room_for(temporary):
            self._write(counted(), temporary)
            target = self.object_path(digest.hexdigest())
            is_new = not target.exists()
            if is_new:
                target.parent.mkdir(parents=True, exist_ok=True)
                temporary.chmod(0o400)
                os.replace(temporary, target)
        return digest.hexdigest(), size, is_new

    def has(self, sha256: str) -> bool:
        """Whether a content is here, by its hash alone."""
        return self.object_path(sha256).exists()

    def drop(self, sha256: str) -> None:
        """Take an object away."""
        self.object_path(sha256).unlink(missing_ok=True)

    def _write(self, chunks: Iterable[bytes], path: Path) -> None:
        with path.open("wb") as stream:
            for chunk in seal(chunks, self.key, "object") if self.key else chunks:
                stream.write(chunk)

    def chunks(self, sha256: str) -> Iterator[bytes]:
        """The content with this hash.

        Raises:
            WrongKey: it was sealed with another key, or changed.
        """
        stored = chunks_of(self.object_path(sha256))
        return unseal(stored, self.key, "object") if self.key else stored

    def is_whole(self, sha256: str) -> bool:
        """Whether an object holds the bytes that its hash says."""
        digest = hashlib.sha256()
        try:
            for chunk in self.chunks(sha256):
                digest.update(chunk)
        except (OSError, WrongKey):
            return False
        return digest.hexdigest() == sha256

    def write_text(self, path: Path, text: str) -> None:
        """Keep a manifest, whole or not at all, once the objects it names are on the disk."""
        os.sync()
        data = text.encode()
        sealed = b"".join(seal([data], self.key, path.name)) if self.key else data
        write_atomically(path, sealed)
        sync(path.parent)

    def read_text(self, path: Path) -> str:
        """A manifest.

        Raises:
            BackupDamaged: it is not what was written.
        """
        data = path.read_bytes()
        try:
            opened = b"".join(unseal([data], self.key, path.name)) if self.key else data
            return opened.decode()
        except (WrongKey, UnicodeDecodeError) as error:
            raise BackupDamaged(f"{path}: damaged; restore another snapshot") from error


def _proof(key: bytes) -> str:
    return hmac.new(key, _KNOWN, hashlib.sha256).hexdigest()


def open_vault(folder: Path, key: bytes | None, *, make: bool = False) -> Vault:
    """The backup in a folder.

    Args:
        folder: where it lies.
        key: of a sealed one.
        make: begin one if the folder is empty or not there.

    Raises:
        NoBackup: the folder holds no backup, or something else.
        WrongKey: it is sealed with another key, or one of both has none.
    """
    mark = folder / MARK
    if not mark.exists():
        others = [p for p in folder.iterdir() if p.name != "lost+found"] if folder.exists() else []
        if not make or others:
            raise NoBackup(
                f"expected a backup (or an empty folder for a new one) in {folder}, "
                f"found no {MARK}; name the folder that `bvb backup` was given"
            )
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        about = {"format": FORMAT, "key": _proof(key) if key else None}
        write_atomically(mark, json.dumps(about).encode())
    about = json.loads(mark.read_text(encoding="utf-8"))
    if about["format"] != FORMAT:
        raise NoBackup(f"{mark}: expected format {FORMAT}, found {about['format']}")
    if about["key"] != (_proof(key) if key else None):
        found = "another key" if key else "no --key-file"
        expected = "the key it was made with" if about["key"] else "no key: it is not sealed"
        raise WrongKey(f"{folder}: expected {expected}, found {found}")
    return Vault(folder, key)


@contextmanager
def alone(vault: Vault) -> Iterator[None]:
    """Keep others from working on the same backup; a killed process leaves no lock.

    Raises:
        BackupBusy: somebody does.
    """
    with (vault.folder / ".lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupBusy(f"another backup to {vault.folder} is at work; wait for it") from None
        yield
