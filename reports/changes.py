"""What changed since the edition before: figure by figure, as a workbook of one sheet.

What enters: the marts of two editions of one date. What leaves: the bytes of a note, or nothing
when no figure differs.
"""

from __future__ import annotations

from datetime import datetime, time
from io import BytesIO

import xlsxwriter

from reports.formats import day
from reports.marts import ANCHOR, MartSet, Row, integer, text
from reports.workbook import workbook_options
from reports.workbook_print import put_title
from reports.workbook_styles import COUNTER, HEAD, TEXT, Sheet, Styles, numeric

HEADS = ("№", "Территория", "Показатель", "Что", "Было", "Стало", "Разница")
WIDTHS = (5, 40, 36, 14, 11, 11, 11)
WATCHED = {"target": "план", "fact": "факт", "fact_confirmed": "подтверждено"}
Change = tuple[int, str, str, str, int | None, int | None]


def _by_key(marts: MartSet) -> dict[tuple[int, str], Row]:
    return {
        (integer(row["territory_id"]) or 0, text(row["indicator_id"])): row
        for row in marts.rows(ANCHOR)
    }


def changes(before: MartSet, after: MartSet) -> list[Change]:
    """(territory, its name, indicator, what, before, after) of every figure that differs."""
    old, found = _by_key(before), []
    for key, row in sorted(_by_key(after).items()):
        earlier = old.get(key)
        for column, name in WATCHED.items():
            was = integer(earlier[column]) if earlier else None
            now = integer(row[column])
            if was != now:
                found.append(
                    (
                        key[0],
                        text(row["territory_name"]),
                        text(row["indicator_name"]),
                        name,
                        was,
                        now,
                    )
                )
    return found


def note_bytes(before: MartSet, after: MartSet) -> bytes | None:
    """The note «Что изменилось», or None when all figures are the same."""
    found = changes(before, after)
    if not found:
        return None
    target = BytesIO()
    book = xlsxwriter.Workbook(target, workbook_options())
    book.set_properties(
        {"created": datetime.combine(after.as_of, time()), "comments": after.load_id}
    )
    sheet = Sheet(book, Styles(book), "Что изменилось")
    sheet.widths(WIDTHS)
    top = put_title(
        sheet,
        [
            f"Что изменилось в отчёте на {day(after.as_of)}",
            f"Прежняя выдача {before.load_id}, новая {after.load_id}. Прежние файлы сохранены.",
        ],
    )
    for column, head in enumerate(HEADS):
        sheet.put(top, column, head, HEAD)
    for line, (place, name, indicator, what, was, now) in enumerate(found, start=top + 1):
        sheet.put(line, 0, place, COUNTER)
        for column, value in enumerate((name, indicator, what), start=1):
            sheet.put(line, column, value, TEXT)
        difference = None if was is None or now is None else now - was
        for column, figure in enumerate((was, now, difference), start=4):
            sheet.put(line, column, figure, numeric("int", TEXT))
    book.close()
    return target.getvalue()
