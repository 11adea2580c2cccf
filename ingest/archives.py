"""Archives: each table inside a zip becomes a delivery of its own (defect D-07).

What enters: the bytes of an archive. What leaves: its members, within limits, or the reason why it
was not unpacked; nothing is written under a name that the archive chose.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from ingest.bombs import ZIP_FAULTS, is_bomb, is_oddly_packed
from ingest.landing import short_name
from ingest.limits import most
from ingest.sniff import Kind, sniff

_ENCRYPTED, _UTF8 = 0x1, 0x800  # bits of a member's flags
_NOISE = re.compile(r"(^|/)(__MACOSX/|\.|~\$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_CONTROL, _BETWEEN = re.compile(r"[\x00-\x1f\x7f]"), re.compile(r"[\\:]")


class NotUnpacked(Exception):
    """Why an archive stays whole, in words for its sender."""


@dataclass(frozen=True)
class Member:
    """One file of an archive; `path` is relative and leads nowhere else."""

    path: str
    data: bytes


def path_in_archive(info: zipfile.ZipInfo) -> str:
    """A member's path as its sender saw it, without what leads out of the archive."""
    name = info.filename
    if not info.flag_bits & _UTF8:
        # Windows writes Russian names in the code page of DOS; zipfile takes it for America's.
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("cp866")
    parts = PurePosixPath(_BETWEEN.sub("/", _CONTROL.sub("_", name))).parts
    return "/".join(short_name(part) for part in parts if part not in ("..", ".", "/"))


def _wanted(archive: zipfile.ZipFile) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    for info in archive.infolist():
        path = path_in_archive(info)
        if path and not info.is_dir() and not _NOISE.search(path):
            yield path, info


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> bytes:
    # What a member says of its size is only what somebody wrote: the reading itself is limited.
    with archive.open(info) as stream:
        data = stream.read(left + 1)
    if len(data) > left:
        raise NotUnpacked("он слишком велик")
    return data


def _members(archive: zipfile.ZipFile) -> list[Member]:
    wanted = list(_wanted(archive))
    if not wanted:
        raise NotUnpacked("в нём нет ни одного файла")
    if len(wanted) > most("archive_members"):
        allowed = most("archive_members")
        raise NotUnpacked(f"в нём файлов: {len(wanted)}, а принимается не больше {allowed}")
    if any(info.flag_bits & _ENCRYPTED for _, info in wanted):
        raise NotUnpacked("он защищён паролем")
    if is_oddly_packed(info for _, info in wanted):
        raise NotUnpacked("он сжат способом, который не принимается")
    if is_bomb(archive.infolist()):
        raise NotUnpacked("он слишком велик")
    left, found = most("archive_bytes"), []
    for path, info in wanted:
        data = _read(archive, info, left)
        left -= len(data)
        if sniff(data) is Kind.ARCHIVE:
            raise NotUnpacked("в нём есть другой архив")
        found.append(Member(path, data))
    return found


def members(data: bytes) -> list[Member]:
    """The files of a zip archive.

    Raises:
        NotUnpacked: it is no zip, is encrypted or damaged, or is beyond the limits.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _members(archive)
    except ZIP_FAULTS as error:
        reason = "это не zip или он повреждён" if not data.startswith(b"PK") else "он повреждён"
        raise NotUnpacked(reason) from error


def members_if_archive(data: bytes) -> list[Member]:
    """The members of bytes that are an archive of files; none for a table or a locked archive."""
    if sniff(data) is not Kind.ARCHIVE:
        return []
    with suppress(NotUnpacked):
        return members(data)
    return []
