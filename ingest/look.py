"""What a workbook shows besides values: hidden rows, fills, notes, formulas that nobody computed.

What enters: the bytes of an .xlsx. What leaves: a `Look` a sheet; sheets too large to have been
filled in by hand are not looked at. Nothing is run, fetched or resolved.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import IO

from lxml import etree

from ingest.bombs import ZIP_FAULTS
from ingest.limits import most

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ADDRESS = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_NO_FILLS = {"none", "gray125"}
_TELLING = re.compile(rb"<(?:\w+:)?f[ />]| t=\"e\"| hidden=")
# Custom property of a workbook that we gave back: colours and comments in it are our own.
ANSWER = "bvb_answer"
_CUSTOM = "docProps/custom.xml"
_STYLED = re.compile(rb'\bs="(\d{1,6})"')
# Parts of a book that are programs, files of others or links to them: never run, and told.
ACTIVE = {
    "xl/vbaProject.bin": "макросы",
    "xl/externalLinks/": "ссылки на другие книги",
    "xl/embeddings/": "вложенные объекты",
    "xl/activeX/": "элементы управления ActiveX",
    "xl/ctrlProps/": "элементы управления",
}


@dataclass
class Look:
    """What is to be seen on one sheet; rows count from 1, positions of cells from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_positions: set[int] = field(default_factory=set)
    fills: dict[int, set[str]] = field(default_factory=dict)  # row → fills of its filled cells
    notes: set[int] = field(default_factory=set)  # rows with a comment on a cell
    # Formulas whose result is not kept in the file: (row, position) → text after «=».
    bare: dict[tuple[int, int], str] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)  # «#ДЕЛ/0!» and its like


def position_of(letters: str) -> int:
    """Place of a column from 0: A → 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _events(stream: IO[bytes], *tags: str) -> Iterator[etree._Element]:
    """Finished elements of a part, one at a time; entities and documents elsewhere are refused."""
    elements = etree.iterparse(
        stream,
        tag=[_MAIN + tag for tag in tags],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    for _, element in elements:
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]  # what is behind would stay in memory


def _part(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """Bytes of a small part; None when it is not there or too large to be looked at."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        return None
    return archive.read(info) if info.file_size <= most("look_part_bytes") else None


def _root(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)


def _target(folder: str, text: str) -> str:
    """The part that a relation points to; what lies outside of the book is no part."""
    joined = text if text.startswith("/") else posixpath.join(folder, text)
    return posixpath.normpath(joined).lstrip("/")


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Relation id → (kind, part) of a part of the book."""
    folder, name = posixpath.split(part)
    data = _part(archive, f"{folder}/_rels/{name}.rels")
    return {
        item.get("Id", ""): (
            item.get("Type", "").rsplit("/", 1)[-1],
            _target(folder, item.get("Target", "")),
        )
        for item in (() if data is None else _root(data).iterchildren(etree.Element))
    }


def _fills(archive: zipfile.ZipFile) -> list[str]:
    """Fill of each cell style; empty where there is none."""
    data = _part(archive, "xl/styles.xml")
    if data is None:
        return []
    root = _root(data)
    shown: list[str] = []
    for fill in root.iterfind(f"{_MAIN}fills/{_MAIN}fill"):
        pattern = fill.find(f"{_MAIN}patternFill")
        plain = pattern is None or pattern.get("patternType", "none") in _NO_FILLS
        colour = None if pattern is None else pattern.find(f"{_MAIN}fgColor")
        shown.append("" if plain or colour is None else ":".join(sorted(colour.attrib.values())))
    styles = root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")
    numbers = (int(style.get("fillId", "0")) for style in styles)
    return [shown[n] if 0 <= n < len(shown) else "" for n in numbers]


def _cells(look: Look, row: etree._Element, number: int, fills: list[str]) -> None:
    for cell in row.iterchildren(f"{_MAIN}c"):
        value = cell.findtext(f"{_MAIN}v")
        formula = cell.find(f"{_MAIN}f")
        place = _ADDRESS.fullmatch(cell.get("r", ""))
        inline = cell.find(f"{_MAIN}is") is not None
        if place and value and cell.get("t") == "e":
            look.errors[number, position_of(place[1])] = value
        if formula is not None and not value and place and not inline:
            look.bare[number, position_of(place[1])] = formula.text or ""
        if value is None and not inline:
            continue
        style = int(cell.get("s", "0"))
        if 0 <= style < len(fills):
            look.fills.setdefault(number, set()).add(fills[style])


def _is_plain(data: bytes, fills: list[str]) -> bool:
    """Whether there is nothing to look for: most files are, and parsing costs ten times reading."""
    filled = {b"%d" % number for number, fill in enumerate(fills) if fill}
    if filled and not filled.isdisjoint(_STYLED.findall(data)):
        return False
    return not _TELLING.search(data)


def _sheet(data: bytes, fills: list[str]) -> Look:
    look = Look()
    if _is_plain(data, fills):
        return look
    number = 0
    for element in islice(_events(io.BytesIO(data), "col", "row"), most("look_rows")):
        if element.tag == f"{_MAIN}col":
            if element.get("hidden") in ("1", "true"):
                first, last = int(element.get("min", "1")), int(element.get("max", "1"))
                look.hidden_positions |= set(range(first - 1, min(last, first + 1000)))
            continue
        number = int(element.get("r", f"{number + 1}"))
        if element.get("hidden") in ("1", "true"):
            look.hidden_rows.add(number)
        _cells(look, element, number, fills)
    return look


def _notes(archive: zipfile.ZipFile, parts: Iterable[tuple[str, str]]) -> set[int]:
    rows: set[int] = set()
    for part in {part for kind, part in parts if kind == "comments"}:
        data = _part(archive, part)
        for note in () if data is None else _events(io.BytesIO(data), "comment"):
            place = _ADDRESS.fullmatch(note.get("ref", ""))
            rows |= {int(place[2])} if place else set()
    return rows


def _is_answer(archive: zipfile.ZipFile) -> bool:
    if _CUSTOM not in archive.namelist():
        return False
    with archive.open(_CUSTOM) as stream:
        return f'name="{ANSWER}"'.encode() in stream.read(1 << 16)


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Name of a sheet → the part of the archive that holds it."""
    parts, data = _relations(archive, "xl/workbook.xml"), _part(archive, "xl/workbook.xml")
    return {
        item.get("name", ""): parts[item.get(_LINK, "")][1]
        for item in (() if data is None else _events(io.BytesIO(data), "sheet"))
        if item.get(_LINK, "") in parts
    }


class Looks:
    """What the sheets of an .xlsx show; an empty look where nothing can be said."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @cached_property
    def _common(self) -> tuple[dict[str, str], list[str]]:
        """Parts of the sheets and fills of the styles: the same for every sheet."""
        with zipfile.ZipFile(io.BytesIO(self._data)) as archive:
            return _sheet_parts(archive), _fills(archive)

    def of(self, name: str) -> Look:
        """What the sheet `name` shows."""
        try:
            parts, fills = self._common
            with zipfile.ZipFile(io.BytesIO(self._data)) as archive:
                part = parts.get(name)
                if part is None or archive.getinfo(part).file_size > most("look_bytes"):
                    return Look()
                look = _sheet(archive.read(part), fills)
                if _is_answer(archive):
                    look.fills.clear()
                else:
                    look.notes = _notes(archive, _relations(archive, part).values())
                return look
        except (etree.LxmlError, *ZIP_FAULTS):
            # The reader of values opened the book: what only this look stumbles over is not told.
            return Look()


def active_parts(data: bytes) -> list[str]:
    """What in a zipped workbook could run or reach outside, in words; nothing of it is opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except ZIP_FAULTS:
        return []
    return [word for part, word in ACTIVE.items() if any(name.startswith(part) for name in names)]
