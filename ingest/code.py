"""What the project is made of, as one hash: another code or another seed may give another result.

What enters: names of rooms (folders of the project). What leaves: a fingerprint.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
_SOURCES = frozenset({".py", ".yml", ".sql", ".csv", ".j2", ".js", ".css", ".docx"})
_NOT_OURS = frozenset({"target", "logs", "__pycache__"})


def code_fingerprint(rooms: Iterable[str]) -> str:
    """SHA-256 over names and contents of all source files of some rooms."""
    digest = hashlib.sha256()
    for room in rooms:
        for path in sorted((PROJECT / room).rglob("*")):
            if path.suffix in _SOURCES and not _NOT_OURS & set(path.parts):
                digest.update(path.relative_to(PROJECT).as_posix().encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
