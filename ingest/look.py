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
from typing import IO

from lxml import etree

# Unpacked bytes of a sheet: a whole territory's registers stay below, a platform's exports do not.
MOST_BYTES = 16 << 20
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ADDRESS = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_NO_FILLS = {"none", "gray125"}
_TELLING = re.compile(rb"<(?:\w+:)?f[ />]| t=\"e\"| hidden=")
# Custom property of a workbook that we gave back: colours and comments in it are our own.
ANSWER = "bvb_answer"
_CUSTOM = "docProps/custom.xml"
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


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Relation id → (kind, part) of a part of the book."""
    folder, name = posixpath.split(part)
    path = f"{folder}/_rels/{name}.rels"
    if path not in archive.namelist():
        return {}
    root = etree.fromstring(archive.read(path), etree.XMLParser(resolve_entities=False))
    return {
        item.get("Id", ""): (
            item.get("Type", "").rsplit("/", 1)[-1],
            posixpath.normpath(posixpath.join(folder, item.get("Target", ""))).lstrip("/")
            if not item.get("Target", "").startswith("/")
            else item.get("Target", "").lstrip("/"),
        )
        for item in root
    }


def _fills(archive: zipfile.ZipFile) -> list[str]:
    """Fill of each cell style; empty where there is none."""
    if "xl/styles.xml" not in archive.namelist():
        return []
    root = etree.fromstring(archive.read("xl/styles.xml"), etree.XMLParser(resolve_entities=False))
    shown: list[str] = []
    for fill in root.iterfind(f"{_MAIN}fills/{_MAIN}fill"):
        pattern = fill.find(f"{_MAIN}patternFill")
        plain = pattern is None or pattern.get("patternType", "none") in _NO_FILLS
        colour = None if pattern is None else pattern.find(f"{_MAIN}fgColor")
        shown.append("" if plain or colour is None else ":".join(sorted(colour.attrib.values())))
    styles = root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")
    numbers = (int(style.get("fillId", "0")) for style in styles)
    return [shown[n] if n < len(shown) else "" for n in numbers]


def _cells(look: Look, row: etree._Element, number: int, fills: list[str]) -> None:
    for cell in row:
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
        if style < len(fills):
            look.fills.setdefault(number, set()).add(fills[style])


def _is_plain(data: bytes, fills: list[str]) -> bool:
    """Whether there is nothing to look for: most files are, and parsing costs ten times reading."""
    filled = "|".join(f"{number}" for number, fill in enumerate(fills) if fill)
    if filled and re.search(rf'\bs="(?:{filled})"'.encode(), data):
        return False
    return not _TELLING.search(data)


def _sheet(data: bytes, fills: list[str]) -> Look:
    look = Look()
    if _is_plain(data, fills):
        return look
    number = 0
    for element in _events(io.BytesIO(data), "col", "row"):
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
    for kind, part in parts:
        if kind == "comments" and part in archive.namelist():
            with archive.open(part) as stream:
                for note in _events(stream, "comment"):
                    place = _ADDRESS.fullmatch(note.get("ref", ""))
                    rows |= {int(place[2])} if place else set()
    return rows


def _is_answer(archive: zipfile.ZipFile) -> bool:
    if _CUSTOM not in archive.namelist():
        return False
    with archive.open(_CUSTOM) as stream:
        return f'name="{ANSWER}"'.encode() in stream.read(1 << 16)


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Name of a sheet → the part of the archive that holds it."""
    parts = _relations(archive, "xl/workbook.xml")
    with archive.open("xl/workbook.xml") as stream:
        return {
            item.get("name", ""): parts[item.get(_LINK, "")][1]
            for item in _events(stream, "sheet")
            if item.get(_LINK, "") in parts
        }


def look_at(data: bytes, name: str) -> Look:
    """What the sheet `name` of an .xlsx shows; an empty look where nothing can be said."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = sheet_parts(archive).get(name)
            if part is None or archive.getinfo(part).file_size > MOST_BYTES:
                return Look()
            look = _sheet(archive.read(part), _fills(archive))
            if _is_answer(archive):
                look.fills.clear()
            else:
                look.notes = _notes(archive, _relations(archive, part).values())
            return look
    except (etree.LxmlError, KeyError, ValueError, OSError, zipfile.BadZipFile):
        # The reader of values opened the book: what only this look stumbles over is not told.
        return Look()


def active_parts(data: bytes) -> list[str]:
    """What in a zipped workbook could run or reach outside, in words; nothing of it is opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return []
    return [word for part, word in ACTIVE.items() if any(name.startswith(part) for name in names)]
