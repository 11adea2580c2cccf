"""Landing: bytes of a channel are kept for ever, by hash, before anyone tries to understand them.

What enters: a folder of files as senders left them. What leaves: read-only objects and manifests.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from ingest.deliveries import Landed, room_for, write_atomically
from ingest.settings import MOSCOW, Settings, temporary_of

CHUNK = 1 << 20
# Names that editors and transfer programs give to files that are not finished.
_UNFINISHED = re.compile(
    r"^(~\$|\.)|\.(part|partial|tmp|filepart|crdownload|swp|done)$", re.IGNORECASE
)
SETTLE_SECONDS = 2.0
# A file younger than this may still be growing; older ones need no second look.
FRESH_SECONDS = 60.0
SETTLE_ROUNDS = 15


class FileChanged(Exception):
    """A file was written to between hashing and copying; the next pass takes it."""


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


def manifest_path(settings: Settings, delivery_id: str) -> Path:
    """Where a delivery's manifest lies."""
    return settings.landing / "deliveries" / f"{delivery_id}.json"


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


def _is_taken(root: Path, path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts[:-1])
    # A link may point anywhere on the machine, and what it points to may change.
    regular = path.is_file() and not path.is_symlink()
    return regular and not hidden and not _UNFINISHED.search(path.name)


def _files(root: Path) -> tuple[list[Path], list[Path]]:
    """(files to take, files left where they are), both in the order of their names."""
    found = [path for path in sorted(root.rglob("*")) if path.is_symlink() or not path.is_dir()]
    verdicts = [(path, _is_taken(root, path)) for path in found]
    return [p for p, taken in verdicts if taken], [p for p, taken in verdicts if not taken]


def _source(root: Path, path: Path) -> str:
    """The path inside the channel; names in another encoding (unpacked archives) stay distinct."""
    name = os.fsencode(path.relative_to(root).as_posix())
    return name.decode("utf-8", errors="backslashreplace")


def _state(path: Path) -> tuple[int, int] | None:
    """Size and time of change; None when the file has gone (renamed by its sender)."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_size, stat.st_mtime_ns


def wait_until_settled(
    paths: list[Path], now: datetime, pause: Callable[[float], None] = time.sleep
) -> tuple[list[Path], list[Path]]:
    """Split files into settled ones and ones that go on changing after every round of waiting.

    Only files touched within the last minute are watched: a quiet folder costs no waiting.
    """
    settled: list[Path] = []
    watched: dict[Path, tuple[int, int]] = {}
    for path in paths:
        state = _state(path)
        if state is None:
            continue
        # Clocks of file servers run ahead, too: «from the future» may be «just now».
        age = abs(now.timestamp() - state[1] / 1e9)
        if age < FRESH_SECONDS and not path.with_name(path.name + ".done").exists():
            watched[path] = state
        else:
            settled.append(path)
    for _ in range(SETTLE_ROUNDS):
        if not watched:
            break
        pause(SETTLE_SECONDS)
        for path, before in list(watched.items()):
            state = _state(path)
            if state is None or state == before:
                settled += [path] if state else []
                del watched[path]
            else:
                watched[path] = state
    return sorted(settled), sorted(watched)


def _hash(path: Path, copy: BinaryIO | None = None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            if copy:
                copy.write(chunk)
    return digest.hexdigest()


def _keep_bytes(settings: Settings, path: Path, sha256: str) -> bool:
    """Copy a file into its object; False when it changed between hashing and copying."""
    target = object_path(settings, sha256)
    if target.exists():
        return True
    temporary = temporary_of(target)
    with room_for(temporary):
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as copy:
            copied = _hash(path, copy)
            copy.flush()
            os.fsync(copy.fileno())
        if copied != sha256:
            return False
        temporary.chmod(0o444)
        temporary.replace(target)
    return True


def delivery_id_of(channel: str, source: str, sha256: str) -> str:
    """The same bytes at the same place are the same delivery, however often they are seen."""
    return hashlib.sha256(f"{channel}\0{source}\0{sha256}".encode()).hexdigest()[:16]


def _land(settings: Settings, root: Path, path: Path, channel: str, now: datetime) -> Landed | None:
    """The new delivery, or None when it is known already.

    Raises:
        FileChanged: the file is still being written.
    """
    sha256 = _hash(path)
    source = _source(root, path)
    delivery_id = delivery_id_of(channel, source, sha256)
    manifest = manifest_path(settings, delivery_id)
    if not _keep_bytes(settings, path, sha256):
        raise FileChanged(source)
    if manifest.exists():
        return None  # a manifest is never written twice
    modified = datetime.fromtimestamp(int(path.stat().st_mtime), tz=MOSCOW)
    landed = Landed(
        delivery_id=delivery_id,
        sha256=sha256,
        size=path.stat().st_size,
        channel=channel,
        source=source,
        # A clock of a sender that runs ahead must not put a receipt into the future.
        received_at=min(modified, now),
        landed_at=now,
    )
    # The manifest comes last: a delivery exists only when its bytes are safe.
    write_atomically(manifest, landed.model_dump_json(indent=1).encode())
    return landed


def land_bytes(settings: Settings, data: bytes, channel: str, source: str, whole: Landed) -> Landed:
    """Land what came inside a landed file; what is known already stays as it is.

    Args:
        settings: where to keep the bytes.
        data: the bytes.
        channel: name of the channel.
        source: path inside the channel, unique there.
        whole: the delivery that brought it; it was received and landed at the same moments.
    """
    sha256 = hashlib.sha256(data).hexdigest()
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
    channel: str = "folder",
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
    files, ignored = _files(root)
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
        still_writing=tuple(_source(root, path) for path in writing),
        ignored=tuple(_source(root, path) for path in ignored),
    )
