"""A folder of an SFTP server as a channel.

What enters: an open SSH transport. What leaves: files below a folder; links are not followed, and
nothing at the other end is changed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import paramiko

from channels.base import ChannelRefused, ChannelUnreachable, Found, Item, ItemUnavailable
from channels.senders import Placing
from ingest.landing import CHUNK
from ingest.settings import MOSCOW

ANSWER_SECONDS = 60.0
START = datetime.fromtimestamp(0, MOSCOW)  # of what has no time of its own
REQUESTS_AHEAD = 64  # of 32 KB: more would hold a large file in memory
DEEPEST = 16  # folders in folders; deeper is a circle of mounts, not a sender's order


class _AnyName(paramiko.Message):
    """A message whose names may be in any encoding: one odd name must not hide its folder."""

    def get_text(self) -> str:
        return os.fsdecode(self.get_string())


class SftpClient(paramiko.SFTPClient):
    """A client that lists names in other encodings, too; the library's own stops at the first."""

    def _request(self, kind: int, *arguments: Any) -> tuple[int, paramiko.Message]:
        answer, message = super()._request(kind, *arguments)
        message.__class__ = _AnyName
        return answer, message


@contextmanager
def _faults(place: str) -> Iterator[None]:
    """Word the library's faults as the channel's."""
    try:
        yield
    except PermissionError as error:
        raise ChannelRefused(
            f"{place}: expected to be allowed to read, found «permission denied»; "
            "ask the server's keeper for reading rights"
        ) from error
    except FileNotFoundError as error:
        raise ChannelRefused(
            f"{place}: expected a folder, found none; mend `root` in channels.yml"
        ) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise ChannelUnreachable(
            f"{place}: the answer broke off ({type(error).__name__}: {error}); "
            "the next pass tries again"
        ) from error


def _version(attributes: paramiko.SFTPAttributes) -> str:
    return f"{attributes.st_size}:{attributes.st_mtime}"


class SftpChannel:
    """Files below a folder of a server."""

    left_by_senders = True

    def __init__(self, transport: paramiko.Transport, root: str, placing: Placing) -> None:
        """Open a session of file transfer on a connection that is logged in.

        Raises:
            ChannelUnreachable: the server does not answer.
        """
        self._root, self._placing = root.rstrip("/") or "/", placing
        with _faults("sftp"):
            client = SftpClient.from_transport(transport)
        if client is None:
            raise ChannelUnreachable("sftp: the connection was closed; the next pass tries again")
        client.get_channel().settimeout(ANSWER_SECONDS)
        self._client: Any = client

    def items(self) -> Iterator[Item]:
        """Files that are there now; a folder without rights is named by the fault."""
        yield from self._below("", 0)

    def _below(self, folder: str, depth: int) -> Iterator[Item]:
        with _faults(f"sftp {self._root}"):
            try:
                entries = self._client.listdir_attr(os.fsencode(f"{self._root}/{folder}"))
            except PermissionError:
                if not folder:
                    raise
                # One closed folder is no reason to leave the others.
                yield Item(folder, "", folder, None, START, "closed")
                return
        for entry in sorted(entries, key=lambda e: str(e.filename)):
            if "/" in entry.filename:
                continue  # no honest server names a file so
            path = f"{folder}/{entry.filename}".lstrip("/")
            mode = entry.st_mode or 0
            if stat.S_ISDIR(mode) and depth < DEEPEST:
                yield from self._below(path, depth + 1)
                continue
            at = datetime.fromtimestamp(entry.st_mtime or 0, MOSCOW)
            why_not = "" if stat.S_ISREG(mode) else "not_a_file"
            yield Item(path, _version(entry), path, entry.st_size, at, why_not)

    def fetch(self, item: Item) -> Iterator[Found]:
        """The file."""
        yield Found(self._placing.source(item.path), self._chunks(item))

    def _chunks(self, item: Item) -> Iterator[bytes]:
        try:
            with self._client.open(os.fsencode(f"{self._root}/{item.key}"), "rb") as stream:
                stream.prefetch(item.size, REQUESTS_AHEAD)
                while chunk := stream.read(CHUNK):
                    yield chunk
                if _version(stream.stat()) != item.version:
                    raise ItemUnavailable("changing")
        except FileNotFoundError:
            raise ItemUnavailable("gone") from None
        except PermissionError:
            raise ItemUnavailable("closed") from None
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise ChannelUnreachable(
                f"sftp: the transfer broke off ({type(error).__name__}: {error}); "
                "the next pass tries again"
            ) from error
