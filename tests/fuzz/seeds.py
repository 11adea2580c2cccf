"""What is mutated: files of the corpus of defects, the bad files, and one of each kind."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from functools import cache

from tests.defects.corpus import corpus
from tests.ingest.bad_files import CASES, GOOD
from tests.ingest.files import BOOKS, MARKUP, TEXTS, data_sheet, table

LARGEST = 1 << 20  # bytes; larger seeds only make fuzzing slow
RANDOM = {"D-05", "encrypted"}  # each build has another salt, and nobody reads behind a password
_MADE = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Sent:
    """A file as somebody sends it."""

    name: str
    folder: str
    data: bytes


def parts_of(data: bytes) -> list[tuple[str, bytes]] | None:
    """Members of an archive in their order; None for what is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(info.filename, archive.read(info)) for info in archive.infolist()]
    except Exception:
        return None


def zipped(parts: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Members as an archive, the same bytes at any time of day; names may repeat."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in parts:
            info = zipfile.ZipInfo("x", _EPOCH)
            info.filename = name  # as it is: the class would mend it
            info.compress_type = method
            archive.writestr(info, data)
    return stream.getvalue()


def timeless(data: bytes) -> bytes:
    """The same workbook without the moment of its making."""
    parts = parts_of(data)
    if not parts:
        return data
    moments = ("docProps/core.xml", "meta.xml")
    return zipped([(n, _MADE.sub(b"", d) if n in moments else d) for n, d in parts])


def good() -> Sent:
    """A file that nobody complains of."""
    return Sent("P05_participations__2024-09-30.xlsx", "platform", GOOD)


@cache
def seeds() -> tuple[Sent, ...]:
    """All seeds in a stable order."""
    found = [
        Sent(f.name, f.source.split("/")[0], f.data)
        for defect, f in corpus().items()
        if defect not in RANDOM
    ]
    found += [Sent(c[1], c[2], c[0]) for case, c in CASES.items() if case not in RANDOM]
    sheets = [data_sheet(table("P05"))]
    writers = {**BOOKS, **MARKUP, **{f"{n}.csv": writer for n, writer in TEXTS.items()}}
    for kind, writer in writers.items():
        name = f"P05_participations__2024-09-30.{kind.rsplit('.', 1)[-1]}"
        found.append(Sent(name, "platform", writer(sheets)))
    return tuple(
        Sent(s.name, s.folder, timeless(s.data)) for s in found if 0 < len(s.data) <= LARGEST
    )
