"""A folder of this machine, such as a mounted share, as a channel.

What enters: its path. What leaves: its files; links are not followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from channels.base import ChannelUnreachable, Found, Item, ItemUnavailable
from channels.senders import Placing
from ingest.landing import chunks_of
from ingest.settings import MOSCOW
from ingest.settling import files_below


def _version(state: os.stat_result) -> str:
    # The last one cannot be set by whoever copies an older file over a newer one.
    return f"{state.st_size}:{state.st_mtime_ns}:{state.st_ctime_ns}"


class FolderChannel:
    """Files below a folder that is not `incoming/`."""

    left_by_senders = True

    def __init__(self, root: Path, placing: Placing) -> None:
        """Look below `root`.

        Raises:
            ChannelUnreachable: there is no such folder: a share may be off.
        """
        if not root.is_dir():
            raise ChannelUnreachable(
                f"folder {root}: expected a folder, found none; "
                "mount the share or mend the channel's connection and root"
            )
        self._root, self._placing = root, placing

    def items(self) -> Iterator[Item]:
        """Files that are there now."""
        taken, left = files_below(self._root)
        for path in [*taken, *left]:
            try:
                state = path.lstat()
            except FileNotFoundError:
                continue  # taken back since
            at = datetime.fromtimestamp(int(state.st_mtime), MOSCOW)
            name = path.relative_to(self._root).as_posix()
            why_not = "" if stat.S_ISREG(state.st_mode) else "not_a_file"
            yield Item(name, _version(state), name, state.st_size, at, why_not)

    def fetch(self, item: Item) -> Iterator[Found]:
        """The file."""
        yield Found(self._placing.source(item.path), self._chunks(item))

    def _chunks(self, item: Item) -> Iterator[bytes]:
        path = self._root / item.key
        try:
            yield from chunks_of(path)
            if _version(path.lstat()) != item.version:
                raise ItemUnavailable("changing")
        except FileNotFoundError:
            raise ItemUnavailable("gone") from None
        except PermissionError:
            raise ItemUnavailable("closed") from None
