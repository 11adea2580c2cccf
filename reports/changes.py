"""What changed since the edition before: figure by figure, as a workbook of one sheet.

What enters: the marts of two editions of one date. What leaves: the bytes of a note, which is made
for every later edition, even when no figure differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from io import BytesIO

import xlsxwriter

from reports.config import load_model
from reports.formats import day
from reports.marts import MartSet, Row, integer, text
from reports.specs import Strict
from reports.workbook import workbook_options
from reports.workbook_print import Extent, put_title, set_print
from reports.workbook_styles import COUNTER, HEAD, TEXT, Sheet, Styles, numeric

HEADS = ("№", "Территория", "Что", "Число", "Было", "Стало", "Разница")
WIDTHS = (5, 34, 60, 22, 11, 11, 11)
VERSIONS = {
    "known_on": "данные известны на",
    "rules_version": "правила проверки",
    "formulas_version": "формулы",
    "plan_version": "план",
}


class Watched(Strict):
    """Columns of one mart whose change a reader must hear of."""

    mart: str
    key: list[str]
    names: list[str]
    columns: dict[str, str]


class Watching(Strict):
    """`changes.yml`."""

    watched: list[Watched]


@dataclass(frozen=True)
class Change:
    """One figure that differs; None is a figure that is not there."""

    territory_id: int | None
    territory_name: str
    about: str
    column: str
    before: int | None
    after: int | None


@cache
def watching() -> Watching:
    """What is compared."""
    return load_model("changes.yml", Watching)


def _by_key(marts: MartSet, spec: Watched) -> dict[tuple[str, ...], Row]:
    return {tuple(text(row[name]) for name in spec.key): row for row in marts.rows(spec.mart)}


def _of_mart(before: MartSet, after: MartSet, spec: Watched) -> Iterator[Change]:
    old, new = _by_key(before, spec), _by_key(after, spec)
    for key in [*new, *(key for key in old if key not in new)]:
        row, earlier = new.get(key), old.get(key)
        shown = row or earlier or {}
        for column, name in spec.columns.items():
            was, now = (integer(item[column]) if item else None for item in (earlier, row))
            if was != now:
                yield Change(
                    integer(shown.get("territory_id")),
                    text(shown.get("territory_name")),
                    ", ".join(text(shown[part]) for part in spec.names if shown[part] is not None),
                    name,
                    was,
                    now,
                )


def changes(before: MartSet, after: MartSet) -> list[Change]:
    """Every watched figure that differs, mart by mart."""
    here = [spec for spec in watching().watched if spec.mart in before.tables.keys() & after.tables]
    return [item for spec in here for item in _of_mart(before, after, spec)]


def _versions(before: MartSet, after: MartSet) -> Iterator[str]:
    pairs = zip(before.rows("dim_run"), after.rows("dim_run"), strict=False)
    for old, new in pairs:
        for column, name in VERSIONS.items():
            if old[column] != new[column]:
                yield f"Изменилось: {name}, было {old[column]}, стало {new[column]}."


def _titles(
    before: MartSet | None, after: MartSet, replaces: str, found: list[Change]
) -> list[str]:
    lines = [
        f"Что изменилось в отчётах на {day(after.as_of)}",
        f"Прежний выпуск: {replaces}; новый: {after.load_id}. Прежние файлы сохранены.",
    ]
    if before is None:
        return [*lines, "Витрины прежнего выпуска не сохранились: сравнить числа не с чем."]
    lines += _versions(before, after)
    if before.load_id == after.load_id:
        lines.append("Данные те же, изменился вид отчётов.")
    return lines if found else [*lines, "Ни одно число не изменилось."]


def note_bytes(before: MartSet | None, after: MartSet, replaces: str) -> bytes:
    """The note «Что изменилось» of a later edition.

    Args:
        before: marts of the edition before, if they are still there.
        after: marts of this edition.
        replaces: load of the edition before.
    """
    found = changes(before, after) if before else []
    target = BytesIO()
    book = xlsxwriter.Workbook(target, workbook_options())
    created = datetime.combine(after.as_of, time())
    book.set_properties({"created": created, "comments": after.load_id})
    sheet = Sheet(book, Styles(book), "Что изменилось")
    sheet.widths(WIDTHS)
    top = put_title(sheet, _titles(before, after, replaces, found), len(HEADS) - 1)
    for column, head in enumerate(HEADS):
        sheet.put(top, column, head, HEAD)
    for line, item in enumerate(found, start=top + 1):
        sheet.put(line, 0, item.territory_id, COUNTER)
        for column, told in enumerate((item.territory_name, item.about, item.column), start=1):
            sheet.put(line, column, told, TEXT)
        whole = item.before is not None and item.after is not None
        difference = (item.after or 0) - (item.before or 0) if whole else None
        for column, figure in enumerate((item.before, item.after), start=4):
            sheet.put(line, column, figure, numeric("int", TEXT))
        sheet.put(line, 6, difference, numeric("signed", TEXT))
    set_print(sheet, after, Extent(top + len(found), len(HEADS) - 1, (top, top)))
    book.close()
    return target.getvalue()
