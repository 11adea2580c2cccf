"""An answer that its sender sent back: «верно, подтверждаю» beside a warning.

What enters: the sheets of a file. What leaves: the confirmations written in it, or None when the
file is no answer of ours: then it is read as a form.
"""

from __future__ import annotations

import re

from ingest.cells import text_of
from ingest.decisions import decision_words
from ingest.deliveries import PLATFORM_OR_OPERATOR, Reply
from ingest.routing import from_folder
from ingest.sheets import Row, Sheet
from ingest.territories import TerritoryResolver
from ingest.text import clean, fold

_HEAD = 10  # rows among which the header is looked for
_SENDER = re.compile(r"^ответ__(t\d{2}|platform|operator)__", re.IGNORECASE)


def _places(row: Row) -> tuple[int, int] | None:
    """Columns of the code and of the sender's word, if the row is the header of an answer."""
    titles = {fold(text): n for n, cell in enumerate(row[1]) if (text := text_of(cell))}
    words = decision_words()["reply"]
    code, answer = (titles.get(fold(words[name])) for name in ("code", "answer"))
    return None if code is None or answer is None else (code, answer)


def _cell(row: Row, place: int) -> str:
    text = text_of(row[1][place]) if place < len(row[1]) else None
    return clean(text) if text else ""


def _of_sheet(sheet: Sheet) -> tuple[Reply, ...] | None:
    header = next((row for row in sheet.head(_HEAD) if _places(row)), None)
    places = _places(header) if header else None
    if header is None or places is None:
        return None
    rows = (row for row in sheet.rows() if row[0] > header[0])
    found = ((row[0], _cell(row, places[0]), _cell(row, places[1])) for row in rows)
    return tuple(Reply(row=row, code=code, text=text) for row, code, text in found if text)


def find_replies(sheets: list[Sheet]) -> tuple[Reply, ...] | None:
    """What the sender confirmed; empty when the answer came back without a word."""
    for sheet in sheets:
        found = _of_sheet(sheet)
        if found is not None:
            return found
    return None


def replying_sender(file_name: str, folder: str, resolver: TerritoryResolver) -> int | None:
    """Whose answer came back: by the folder and the answer's name, None when they disagree."""
    by_folder = from_folder(folder, resolver).territory_id
    match = _SENDER.match(file_name)
    code = match[1].upper() if match else ""
    by_name = int(code[1:]) if code.startswith("T") else PLATFORM_OR_OPERATOR if code else None
    if by_folder is None or by_name is None:
        return by_name if by_folder is None else by_folder
    return by_folder if by_folder == by_name else None
