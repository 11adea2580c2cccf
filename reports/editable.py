"""Documents to be edited: the final report and the letters as Word files, by docxtpl.

What enters: a `MartSet` and the templates of this room, which an officer may change in Word. What
leaves: .docx bytes, the same for the same marts and templates.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from io import BytesIO
from typing import Any

from docx import Document
from docxtpl import DocxTemplate

from reports.config import ROOM
from reports.errors import FigureMismatch
from reports.formats import day, figure_text
from reports.marts import MartSet
from reports.pack import build_pack
from reports.territory import TerritoryCard, territory_cards

# The moment that every part of the archive carries: a Word file is a zip, and a zip keeps times.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def _packed(content: bytes) -> bytes:
    """The same document with the same bytes, whenever it was made."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(target, "w") as result:
        for name in sorted(source.namelist()):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            result.writestr(info, source.read(name))
    return target.getvalue()


def _filled(template: str, context: dict[str, Any], marts: MartSet) -> bytes:
    document = DocxTemplate(ROOM / "templates" / template)
    document.render(context, autoescape=True)
    moment = datetime.combine(marts.as_of, time())
    properties = document.docx.core_properties
    properties.created = properties.modified = moment
    properties.author = properties.last_modified_by = marts.card.operator_name
    properties.comments = marts.load_id
    target = BytesIO()
    document.save(target)
    return _packed(target.getvalue())


def final_docx(marts: MartSet) -> bytes:
    """The final report for editing: what the printed one says, from the same data."""
    return _filled("final_report.docx", {"pack": build_pack(marts)}, marts)


def _letter(card: TerritoryCard, marts: MartSet) -> bytes:
    figures = [
        {
            "name": item.indicator.short_name,
            "target": figure_text(item.target),
            "fact": figure_text(item.fact),
            "gap": figure_text(item.gap),
            "state": item.word.shown,
        }
        for item in card.figures
    ]
    context = {
        "card": card,
        "figures": figures,
        "complaints": card.complaints,
        "as_of": day(marts.as_of),
        "order": f"от {day(marts.card.signed_on)} № {marts.card.order_no}",
        "operator": marts.card.operator_name,
    }
    return _filled("letter.docx", context, marts)


def letters(marts: MartSet, territory: int | None = None) -> Iterator[tuple[int, bytes]]:
    """A letter a territory, or to one: what is late, did not come, is wrong, and where."""
    for card in territory_cards(marts):
        if territory in (None, card.territory_id):
            yield card.territory_id, _letter(card, marts)


def _texts(content: bytes) -> list[list[str]]:
    """Rows of all tables of a Word file."""
    document = Document(BytesIO(content))
    return [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]


def check_final(content: bytes, file_name: str, marts: MartSet) -> None:
    """The region's lines and the annex stand in the file as the data says them.

    Raises:
        FigureMismatch: a line is not there.
    """
    pack, rows = build_pack(marts), _texts(content)
    wanted = [[line.name, line.target, line.fact] for line in pack.lines]
    for expected in wanted:
        if not any(row[0] == expected[0] and set(expected) <= set(row) for row in rows):
            raise FigureMismatch(file_name, expected[0], expected, "no such line")
    for cells in pack.annex:
        if list(cells) not in rows:
            raise FigureMismatch(file_name, cells[1], list(cells), "no such line")


def check_letter(content: bytes, file_name: str, marts: MartSet) -> None:
    """A letter names its territory's figures.

    Raises:
        FigureMismatch: it has no line for an indicator.
    """
    names = {item.short_name for item in marts.card.indicators}
    missing = names - {row[0] for row in _texts(content) if row}
    if missing:
        raise FigureMismatch(file_name, "table", sorted(names), sorted(missing))
