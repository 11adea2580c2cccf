"""Purge: what is due goes, and a proof of what went stays.

What enters: files that are due. What leaves: `outcomes/purges/<date>.json` with the hash and size
of each removed file by purpose, no names; nothing due is left. Again changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from duty.errors import StillThere
from duty.retention import Due, due, load_purposes
from ingest.deliveries import write_atomically
from ingest.landing import chunks_of
from ingest.settings import Settings


@dataclass(frozen=True)
class Purged:
    """What went, or would go, for one purpose."""

    purpose: str
    title: str
    n_files: int
    n_bytes: int
    first_due_on: date


def proof_path(settings: Settings, day: date) -> Path:
    """Where the proof of a day's purge lies."""
    return settings.outcomes / "purges" / f"{day}.json"


def summed(found: Iterable[Due]) -> list[Purged]:
    """Files by purpose, in the order of the purposes."""
    by_purpose: dict[str, list[Due]] = defaultdict(list)
    for item in found:
        by_purpose[item.purpose].append(item)
    return [
        Purged(
            name,
            purpose.title,
            len(items),
            sum(item.path.stat().st_size for item in items),
            min(item.due_on for item in items),
        )
        for name, purpose in load_purposes().items()
        if (items := by_purpose[name])
    ]


def _about(settings: Settings, item: Due) -> dict[str, Any]:
    """A removed file without its name: senders name files as they like."""
    digest = hashlib.sha256()
    for chunk in chunks_of(item.path):
        digest.update(chunk)
    relative = item.path.relative_to(settings.data_dir).as_posix()
    return {
        "layer": relative.split("/", 1)[0],
        "path_sha256": hashlib.sha256(relative.encode()).hexdigest(),
        "sha256": digest.hexdigest(),
        "size": item.path.stat().st_size,
        "due_on": f"{item.due_on}",
    }


def _prove(settings: Settings, day: date, found: list[Due], now: datetime) -> None:
    """Write the proof before anything goes; what an earlier call of the day removed stays in it."""
    path = proof_path(settings, day)
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"purposes": {}}
    proof: dict[str, Any] = {"as_of": f"{day}", "at": now.isoformat(), "purposes": {}}
    for name, purpose in load_purposes().items():
        known = before["purposes"].get(name, {}).get("files", [])
        files = {item["path_sha256"]: item for item in known}
        for item in found:
            if item.purpose == name:
                about = _about(settings, item)
                files[about["path_sha256"]] = about
        if files:
            listed = sorted(files.values(), key=lambda x: x["path_sha256"])
            term = f"{purpose.years} г." if purpose.years else f"{purpose.days} дн."
            proof["purposes"][name] = {
                "title": purpose.title,
                "clause": purpose.clause,
                "term": term,
                "n_files": len(listed),
                "n_bytes": sum(item["size"] for item in listed),
                "files": listed,
            }
    write_atomically(path, json.dumps(proof, ensure_ascii=False, indent=1).encode())


def _clear_folders(settings: Settings, found: list[Due]) -> None:
    """Folders that nothing is left in; those of the layers themselves stay."""
    parents = {parent for item in found for parent in item.path.parents}
    for folder in sorted(parents, key=lambda p: len(p.parts), reverse=True):
        if settings.data_dir not in folder.parents or folder.parent == settings.data_dir:
            continue
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def purge(settings: Settings, day: date, now: datetime) -> list[Purged]:
    """Remove what is due on a day; no run may be at work.

    Args:
        settings: whose data.
        day: the day that terms are counted to.
        now: the moment of the proof, aware.

    Returns:
        what went, by purpose.

    Raises:
        StillThere: something could not be removed.
    """
    found = due(settings, day)
    if not found:
        return []
    gone = summed(found)
    _prove(settings, day, found, now)
    for item in found:
        item.path.unlink(missing_ok=True)
    _clear_folders(settings, found)
    if left := [item for item in found if item.path.exists()]:
        raise StillThere(
            f"expected nothing that is due, found {len(left)} files; see {left[0].path}"
        )
    return gone
