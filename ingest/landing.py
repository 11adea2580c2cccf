"""Landing: bytes of a channel are kept for ever, by hash, before anyone tries to understand them.

What enters: a folder of files as senders left them. What leaves: read-only objects and manifests.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest.deliveries import Landed, write_atomically
from ingest.settings import MOSCOW, Settings

CHUNK = 1 << 20
# Names that editors and transfer programs give to files that are not finished.
_UNFINISHED = re.compile(r"^(~\$|\.)|\.(part|partial|tmp|filepart|crdownload|swp)$", re.IGNORECASE)
SETTLE_SECONDS = 2.0
# A file younger than this may still be growing; older ones need no second look.
FRESH_SECONDS = 60.0
SETTLE_ROUNDS = 15


class DiskFull(Exception):
    """The data directory has no room to keep a received file."""


@dataclass(frozen=True)
class LandingOutcome:
    """What one pass over a channel did."""

    new: tuple[Landed, ...]
    known: int
    still_writing: tuple[str, ...]


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


def _files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts[:-1])
        if path.is_file() and not hidden and not _UNFINISHED.search(path.name):
            yield path


def _state(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def wait_until_settled(
    paths: list[Path], now: datetime, pause: Callable[[float], None] = time.sleep
) -> tuple[list[Path], list[Path]]:
    """Split files into settled ones and ones that go on changing after every round of waiting.

    Only files touched within the last minute are watched: a quiet folder costs no waiting.
    """
    settled, watched = [], {}
    for path in paths:
        age = now.timestamp() - path.stat().st_mtime
        if 0 <= age < FRESH_SECONDS and not path.with_name(path.name + ".done").exists():
            watched[path] = _state(path)
        else:
            settled.append(path)
    for _ in range(SETTLE_ROUNDS):
        if not watched:
            break
        pause(SETTLE_SECONDS)
        for path, before in list(watched.items()):
            state = _state(path)
            if state == before:
                settled.append(path)
                del watched[path]
            else:
                watched[path] = state
    return sorted(settled), sorted(watched)


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _keep_bytes(settings: Settings, path: Path, sha256: str) -> None:
    target = object_path(settings, sha256)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".tmp")
    try:
        shutil.copyfile(path, temporary)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno in {28, 122}:  # ENOSPC, EDQUOT
            raise DiskFull(
                f"no room to keep {path.stat().st_size} bytes in {settings.landing}; "
                "free space and run again: nothing received so far is lost"
            ) from error
        raise
    temporary.chmod(0o444)
    temporary.replace(target)


def delivery_id_of(channel: str, source: str, sha256: str) -> str:
    """The same bytes at the same place are the same delivery, however often they are seen."""
    return hashlib.sha256(f"{channel}\0{source}\0{sha256}".encode()).hexdigest()[:16]


def _land(settings: Settings, root: Path, path: Path, channel: str, now: datetime) -> Landed | None:
    sha256 = _hash(path)
    source = path.relative_to(root).as_posix()
    delivery_id = delivery_id_of(channel, source, sha256)
    manifest = manifest_path(settings, delivery_id)
    if manifest.exists() and object_path(settings, sha256).exists():
        return None
    _keep_bytes(settings, path, sha256)
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
    settled, writing = wait_until_settled(list(_files(root)), now, pause)
    landed = [_land(settings, root, path, channel, now) for path in settled]
    new = tuple(item for item in landed if item is not None)
    return LandingOutcome(
        new=new,
        known=len(landed) - len(new),
        still_writing=tuple(path.relative_to(root).as_posix() for path in writing),
    )
