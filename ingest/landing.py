"""Landing: bytes of a channel are kept for ever, by hash, before anyone tries to understand them.

What enters: a folder of files as senders left them, or bytes that a channel brings. What leaves:
read-only objects and manifests.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest.deliveries import Landed, room_for, write_atomically
from ingest.digest import digest_of
from ingest.settings import MOSCOW, Settings, temporary_of
from ingest.settling import files_below, wait_until_settled

CHUNK = 1 << 20
ARRIVING = "arriving"
REWRITTEN = "rewritten"  # hash of an object without a person -> hash it came with: its name
LONGEST_NAME = 120  # letters; a file system takes 255 bytes, a Russian letter is two of them
FOLDER = "folder"  # the channel's name of `incoming/`


class FileChanged(Exception):
    """A file was written to between hashing and copying; the next pass takes it."""


class LandedDamaged(Exception):
    """Bytes that were kept are gone or are not the ones that came."""

    def __init__(self, landed: Landed, found: str) -> None:
        super().__init__(
            f"expected the bytes of delivery {landed.delivery_id} with sha256 {landed.sha256}, "
            f"found {found}; restore landing/ from the backup (bvb restore), then run again"
        )


@dataclass(frozen=True)
class Arrived:
    """What a channel knows of a file, whatever is in it."""

    channel: str
    source: str  # path inside the channel; its first folder hints at the sender
    received_at: datetime


@dataclass(frozen=True)
class LandingOutcome:
    """What one pass over a channel did."""

    new: tuple[Landed, ...]
    known: int
    still_writing: tuple[str, ...]
    ignored: tuple[str, ...] = ()  # links, lock files of editors, unfinished transfers


def object_path(settings: Settings, sha256: str) -> Path:
    """Where the bytes with this hash lie."""
    return settings.landing / "objects" / sha256[:2] / sha256


def landed_bytes(settings: Settings, landed: Landed) -> bytes:
    """The bytes of a delivery, proved to be the ones that came.

    Raises:
        LandedDamaged: they are not, or they are gone.
    """
    try:
        data = object_path(settings, landed.sha256).read_bytes()
    except FileNotFoundError as error:
        raise LandedDamaged(landed, "no file") from error
    found = hashlib.sha256(data).hexdigest()
    if arrived_as(settings, found) != landed.sha256:
        raise LandedDamaged(landed, f"other bytes ({found[:16]}…)")
    return data


def manifest_path(settings: Settings, delivery_id: str) -> Path:
    """Where a delivery's manifest lies."""
    return settings.landing / "deliveries" / f"{delivery_id}.json"


def arrived_as(settings: Settings, sha256: str) -> str:
    """The hash that bytes came with, if a person was taken out of them since; else their own."""
    rewritten = settings.landing / REWRITTEN / sha256
    return rewritten.read_text(encoding="ascii") if rewritten.exists() else sha256


def load_landed(settings: Settings, delivery_id: str) -> Landed:
    """The manifest of a delivery."""
    text = manifest_path(settings, delivery_id).read_text(encoding="utf-8")
    return Landed.model_validate_json(text)


def all_landed(settings: Settings) -> list[Landed]:
    """Manifests of everything ever received, oldest first."""
    folder = settings.landing / "deliveries"
    found = [
        Landed.model_validate_json(p.read_text(encoding="utf-8")) for p in folder.glob("*.json")
    ]
    return sorted(found, key=lambda item: (item.received_at, item.delivery_id))


def plain_name(name: str) -> str:
    """A name that any program can write; names in another encoding (archives) stay distinct."""
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def short_name(name: str) -> str:
    """A name that fits any file system; its extension stays."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 10]}…{name[-9:]}"


def source_of(root: Path, path: Path) -> str:
    """The path of a file inside its channel."""
    return plain_name(path.relative_to(root).as_posix())


def chunks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a piece at a time."""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _write(chunks: Iterable[bytes], temporary: Path) -> str:
    """Write bytes so that they outlive a power cut; their hash."""
    digest = hashlib.sha256()
    temporary.parent.mkdir(parents=True, exist_ok=True)
    with temporary.open("wb") as copy:
        for chunk in chunks:
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()


def _become_object(temporary: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.chmod(0o444)
    temporary.replace(target)


def _keep_bytes(settings: Settings, path: Path, sha256: str) -> bool:
    """Copy a file into its object; False when it changed between hashing and copying."""
    target = object_path(settings, sha256)
    if target.exists():
        return True
    temporary = temporary_of(target)
    with room_for(temporary):
        if _write(chunks_of(path), temporary) != sha256:
            return False
        _become_object(temporary, target)
    return True


def delivery_id_of(channel: str, source: str, sha256: str) -> str:
    """The same bytes at the same place are the same delivery, however often they are seen."""
    return hashlib.sha256(f"{channel}\0{source}\0{sha256}".encode()).hexdigest()[:16]


def _record(
    settings: Settings, arrived: Arrived, sha256: str, size: int, now: datetime
) -> Landed | None:
    """Write the manifest of bytes that are safe; None when the delivery is known already."""
    delivery_id = delivery_id_of(arrived.channel, arrived.source, sha256)
    manifest = manifest_path(settings, delivery_id)
    if manifest.exists():
        return None  # a manifest is never written twice
    landed = Landed(
        delivery_id=delivery_id,
        sha256=sha256,
        size=size,
        channel=arrived.channel,
        source=arrived.source,
        # A clock of a sender that runs ahead must not put a receipt into the future.
        received_at=min(arrived.received_at, now),
        landed_at=now,
    )
    # The manifest comes last: a delivery exists only when its bytes are safe.
    write_atomically(manifest, landed.model_dump_json(indent=1).encode())
    return landed


def land_stream(
    settings: Settings, arrived: Arrived, chunks: Iterable[bytes], now: datetime
) -> Landed | None:
    """Land bytes that a channel brings: kept first under no name, then by their hash.

    Whoever dies on the way leaves no delivery, only a file for `clear_leftovers`.

    Returns:
        the new delivery, or None when these bytes came from this place before.

    Raises:
        DiskFull: there is no room; whatever `chunks` raises passes through and nothing is kept.
    """
    temporary = temporary_of(settings.landing / ARRIVING / arrived.channel)
    with room_for(temporary):
        sha256 = _write(chunks, temporary)
        size = temporary.stat().st_size
        target = object_path(settings, sha256)
        if not target.exists():
            _become_object(temporary, target)
    return _record(settings, arrived, sha256, size, now)


def clear_leftovers(settings: Settings, channel: str) -> None:
    """Remove what a killed pass over a channel left unfinished; no pass may be at work on it."""
    for path in (settings.landing / ARRIVING).glob(f".{channel}.*.tmp"):
        path.unlink(missing_ok=True)


def _land(settings: Settings, root: Path, path: Path, channel: str, now: datetime) -> Landed | None:
    """The new delivery, or None when it is known already.

    Raises:
        FileChanged: the file is still being written.
    """
    sha256 = digest_of(path)
    source = source_of(root, path)
    if not _keep_bytes(settings, path, sha256):
        raise FileChanged(source)
    stat = path.stat()
    modified = datetime.fromtimestamp(int(stat.st_mtime), tz=MOSCOW)
    return _record(settings, Arrived(channel, source, modified), sha256, stat.st_size, now)


def land_bytes(settings: Settings, data: bytes, channel: str, source: str, whole: Landed) -> Landed:
    """Land what came inside a landed file; what is known already stays as it is.

    Args:
        settings: where to keep the bytes.
        data: the bytes.
        channel: name of the channel.
        source: path inside the channel, unique there.
        whole: the delivery that brought it; it was received and landed at the same moments.
    """
    sha256 = arrived_as(settings, hashlib.sha256(data).hexdigest())
    target = object_path(settings, sha256)
    if not target.exists():
        write_atomically(target, data)
        target.chmod(0o444)
    delivery_id = delivery_id_of(channel, source, sha256)
    manifest = manifest_path(settings, delivery_id)
    if manifest.exists():
        return load_landed(settings, delivery_id)
    landed = whole.model_copy(
        update={"delivery_id": delivery_id, "sha256": sha256, "size": len(data), "source": source}
    )
    write_atomically(manifest, landed.model_dump_json(indent=1).encode())
    return landed


def land_folder(
    settings: Settings,
    root: Path,
    now: datetime,
    *,
    channel: str = FOLDER,
    pause: Callable[[float], None] = time.sleep,
) -> LandingOutcome:
    """Land every settled file below `root`; what is known is counted, not taken again.

    Args:
        settings: where to keep the bytes.
        root: the channel's folder; its first sub-folder hints at the sender.
        now: the moment of landing, aware.
        channel: name of the channel, part of a delivery's identity.
        pause: how to wait for files that are still being written.

    Raises:
        DiskFull: there is no room; files landed so far stay landed.
    """
    files, ignored = files_below(root)
    settled, writing = wait_until_settled(files, now, pause)
    landed: list[Landed | None] = []
    for path in settled:
        try:
            landed.append(_land(settings, root, path, channel, now))
        except (FileChanged, FileNotFoundError, PermissionError):
            writing.append(path)  # its sender is at work on it: the next pass takes it
    new = tuple(item for item in landed if item is not None)
    return LandingOutcome(
        new=new,
        known=len(landed) - len(new),
        still_writing=tuple(source_of(root, path) for path in writing),
        ignored=tuple(source_of(root, path) for path in ignored),
    )
