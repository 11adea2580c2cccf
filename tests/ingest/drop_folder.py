"""A drop folder: files with the times of their senders, and one pass of landing over it."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.landing import LandingOutcome, land_folder
from ingest.settings import MOSCOW, Settings

NOW = datetime(2024, 10, 2, 12, 0, tzinfo=MOSCOW)
SENT = datetime(2024, 10, 1, 9, 30, tzinfo=MOSCOW)


def put(settings: Settings, source: str, data: bytes, sent: datetime = SENT) -> Path:
    path = settings.incoming / source
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (sent.timestamp(), sent.timestamp()))
    return path


def no_pause(_: float) -> None:
    raise AssertionError("nothing here is fresh: there is nothing to wait for")


def land(settings: Settings, pause: Any = no_pause, now: datetime = NOW) -> LandingOutcome:
    return land_folder(settings, settings.incoming, now, pause=pause)


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}
