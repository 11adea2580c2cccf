"""Files that appear whole: synced folders, links switched by one rename, a full disk said plainly.

What enters: paths. What leaves: the same paths, never half of their content.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingest.deliveries import room_for, says_disk_full
from ingest.settings import temporary_of


@contextmanager
def room_for_duckdb(temporary: Path) -> Iterator[None]:
    """`room_for` for files that DuckDB writes, whose error carries no number.

    Raises:
        DiskFull: no space or no quota was left.
    """
    with room_for(temporary):
        try:
            yield
        except duckdb.Error as error:
            if says_disk_full(f"{error}"):
                raise OSError(errno.ENOSPC, "no space left") from error
            raise


def sync(path: Path) -> None:
    """Have the system write a file or a folder's list of names to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def switch_link(link: Path, target: str) -> None:
    """Point `link` at `target` (relative to the link) by one rename; again changes nothing."""
    if link.is_symlink() and os.readlink(link) == target:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_of(link)
    with room_for(temporary):
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(target)
        os.replace(temporary, link)
    sync(link.parent)
