"""The name of bytes: what is equal is told by it, and what was cut or changed.

What enters: a file. What leaves: its SHA-256.
"""

from __future__ import annotations

import hashlib
from pathlib import Path


def digest_of(path: Path) -> str:
    """SHA-256 of a file as hexadecimal text; the file is read a piece at a time."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
