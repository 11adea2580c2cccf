"""What no honest table is: archives that blow up and sheets with a cell at the end of the world.

What enters: a workbook's archive. What leaves: a verdict, before a reader asks for the memory.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator

_BOMB_BYTES = 200 << 20
_BOMB_RATIO = 150  # sheets of real offices shrink 8 to 40 times
# The reader keeps a dense rectangle of 32 bytes a cell: more than this does not fit.
MAX_CELLS = 40_000_000
# The compiled reader aborts the whole process when a damaged length asks for too much memory;
# then it is better that the process is not ours.
_TRIAL = """
import io, sys, python_calamine
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError):
    pass
book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
for name in book.sheet_names:
    book.get_sheet_by_name(name)
"""
_RAISED = 1  # exit code of an ordinary exception: our own process may meet it, too
_HEAD = 4096
_CHUNK = 1 << 20
_OVERLAP = 512
_DIMENSION = re.compile(rb'<dimension ref="(?:[A-Z]+\d+:)?([A-Z]+)(\d+)"')
_FILLED_CELL = re.compile(rb'<c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"(?:[^>]*[^/>])?>(?!</)')


def is_bomb(members: Iterable[zipfile.ZipInfo]) -> bool:
    """Whether the members of an archive unpack to far more than they weigh."""
    sizes = [(member.file_size, member.compress_size) for member in members]
    unpacked, packed = sum(s[0] for s in sizes), sum(s[1] for s in sizes)
    return unpacked > _BOMB_BYTES and unpacked > _BOMB_RATIO * max(packed, 1)


def kills_reader(data: bytes) -> bool:
    """Whether opening a workbook ends the process that opens it (costs a tenth of a second)."""
    trial = subprocess.run(  # noqa: S603 - our own interpreter and our own text
        [sys.executable, "-I", "-c", _TRIAL], input=data, capture_output=True, check=False
    )
    return trial.returncode not in {0, _RAISED}


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    tail = b""
    with archive.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            yield tail + chunk
            tail = chunk[-_OVERLAP:]


def _filled_area(archive: zipfile.ZipFile, name: str) -> int:
    width = height = 0
    for chunk in _chunks(archive, name):
        for letters, digits in _FILLED_CELL.findall(chunk):
            width, height = max(width, _column(letters)), max(height, int(digits))
    return width * height


def oversized_sheet(data: bytes) -> int | None:
    """Cells in the rectangle of the first xlsx sheet that is too large to open, else None.

    Formatting alone may reach XFD1048576 (defect D-09) and does no harm: only filled cells count,
    and they are looked for only in a sheet whose declared size is suspicious or not declared.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if not (name.startswith("xl/worksheets/") and name.endswith(".xml")):
                continue
            with archive.open(name) as stream:
                said = _DIMENSION.search(stream.read(_HEAD))
            if said and _column(said[1]) * int(said[2]) <= MAX_CELLS:
                continue
            area = _filled_area(archive, name)
            if area > MAX_CELLS:
                return area
    return None
