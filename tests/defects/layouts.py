"""D-11 … D-21: where the table is and what stands around it."""

from __future__ import annotations

from datetime import date
from typing import Any

from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from tests.defects.base import (
    Cells,
    book,
    consents,
    fill,
    meetings,
    navigators,
    passport,
    saved,
    titles,
)

NAME = "Отчёт.xlsx"
_RED = PatternFill("solid", fgColor="FFFF0000")


def _m08(number: int, cells: Cells, name: str = "Данные") -> Any:
    return book(cells, passport("M08", number), name)


def _table() -> Cells:
    return [titles("M08"), *meetings()]


def d11(number: int) -> tuple[str, bytes]:
    """AUTO: a header of two lines with merged cells."""
    upper = ["ОО", "Собрание", None, None, "Участников", "Классы", "Ссылка"]
    lower = [None, "Дата", "Тема", "Форма", None, None, None]
    made = _m08(number, [upper, lower, *meetings()])
    sheet = made["Данные"]
    sheet.merge_cells("B1:D1")
    for column in "AEFG":
        sheet.merge_cells(f"{column}1:{column}2")
    return NAME, saved(made)


def d11b(number: int) -> tuple[str, bytes]:
    """AUTO: the name of a school merged over its rows."""
    rows = sorted(meetings(), key=lambda row: row[0])
    made = _m08(number, [titles("M08"), *rows])
    sheet = made["Данные"]
    for top in (2, 4, 6):
        sheet.merge_cells(f"A{top}:A{top + 1}")
    return "Отчёт 2.xlsx", saved(made)


def d12(number: int) -> tuple[str, bytes]:
    """AUTO: columns are numbered under the header, as in the order's tables."""
    return NAME, saved(_m08(number, [titles("M08"), [1, 2, 3, 4, 5, 6, 7], *meetings()]))


def d13(number: int) -> tuple[str, bytes]:
    """AUTO: a letter's head above the table, its signature below."""
    above = [["Приложение к письму от 01.10.2024 № 17"], ["Родительские собрания, сентябрь"], []]
    below = [[], ["Начальник отдела", None, "____________ Петрова А. И."], [],
             ["Исп. Сидорова, тел. 8 (496) 000-00-00"]]  # fmt: skip
    return NAME, saved(_m08(number, [*above, *_table(), *below]))


def d14(number: int) -> tuple[str, bytes]:
    """AUTO: a row of totals that is right."""
    total = sum(row[4] for row in meetings())
    return NAME, saved(_m08(number, [*_table(), ["Итого:", None, None, None, total]]))


def d14b(number: int) -> tuple[str, bytes]:
    """WARN: a row of totals that differs from the sum of the rows."""
    total = sum(row[4] for row in meetings()) + 100
    return "Отчёт 2.xlsx", saved(_m08(number, [*_table(), ["ВСЕГО", None, None, None, total]]))


def d15(number: int) -> tuple[str, bytes]:
    """AUTO: schools as lines of their own above their rows."""
    rows: Cells = [titles("M08")[1:]]
    merged = []
    for school in sorted({row[0] for row in meetings()}):
        rows.append([school])
        merged.append(len(rows))
        rows += [row[1:] for row in meetings() if row[0] == school]
    made = _m08(number, rows)
    for row in merged:
        made["Данные"].merge_cells(start_row=row, end_row=row, start_column=1, end_column=6)
    return NAME, saved(made)


def d16(number: int) -> tuple[str, bytes]:
    """AUTO: the sheet is called «Лист1», an example stands beside it."""
    made = _m08(number, _table(), "Лист1")
    fill(made.create_sheet("Образец заполнения"), _table()[:2])
    return NAME, saved(made)


def d16b(number: int) -> tuple[str, bytes]:
    """WARN: the sheet of the month before was left in the book."""
    made = _m08(number, _table(), "сентябрь")
    august = [[*row[:1], date(2024, 8, 20), *row[2:]] for row in meetings()]
    fill(made.create_sheet("август"), [titles("M08"), *august])
    return "Отчёт 2.xlsx", saved(made)


def d17(number: int) -> tuple[str, bytes]:
    """WARN: a filter hides rows; they are data all the same."""
    made = _m08(number, _table())
    sheet = made["Данные"]
    sheet.auto_filter.ref = "A1:G7"
    for row in (3, 4, 6):
        sheet.row_dimensions[row].hidden = True
    return NAME, saved(made)


def d17b(number: int) -> tuple[str, bytes]:
    """AUTO: a hidden sheet is not looked at."""
    made = _m08(number, _table())
    old = made.create_sheet("черновик")
    fill(old, _table()[:3])
    old.sheet_state = "hidden"
    return "Отчёт 2.xlsx", saved(made)


def d18(number: int) -> tuple[str, bytes]:
    """AUTO: columns in another order, in other words, and one of the sender's own."""
    head = ["Примечание", "Количество участников", "Школа", "Дата собрания", "Тема", "Форма"]
    rows = [["—", row[4], row[0], row[1], row[2], row[3]] for row in meetings()]
    return NAME, saved(_m08(number, [head, *rows]))


def d18b(number: int) -> tuple[str, bytes]:
    """REJ: a required column is missing."""
    return "Отчёт 2.xlsx", saved(_m08(number, [row[:4] + row[5:] for row in _table()]))


def d19(number: int) -> tuple[str, bytes]:
    """AUTO: two tables under one another."""
    rows = meetings()
    cells = [titles("M08"), *rows[:3], [], ["Вторая половина месяца"], titles("M08"), *rows[3:]]
    return NAME, saved(_m08(number, cells))


def d19b(number: int) -> tuple[str, bytes]:
    """AUTO: two tables beside one another."""
    rows = meetings()
    head = titles("M08")[:5]
    cells = [[*head, None, *head]]
    cells += [[*a[:5], None, *b[:5]] for a, b in zip(rows[:3], rows[3:], strict=True)]
    return "Отчёт 2.xlsx", saved(_m08(number, cells))


def d20(number: int) -> tuple[str, bytes]:
    """REJ: titles under one another, records beside one another."""
    return NAME, saved(_m08(number, [list(row) for row in zip(*_table(), strict=True)]))


def d20b(number: int) -> tuple[str, bytes]:
    """AUTO: one sheet a school."""
    rows = meetings()
    made = _m08(number, [titles("M08"), *(r for r in rows if r[0] == rows[0][0])], "СОШ 1")
    for n, school in enumerate(sorted({r[0] for r in rows} - {rows[0][0]}), 2):
        own = [titles("M08"), *(r for r in rows if r[0] == school)]
        fill(made.create_sheet(f"Школа {n}"), own)
    return "Отчёт 2.xlsx", saved(made)


def d21(number: int) -> tuple[str, bytes]:
    """REJ: a version of the form that nobody declared."""
    made = book(_table(), passport("M08", number, **{"Версия формы": "2021"}))
    return NAME, saved(made)


def d35(number: int) -> tuple[str, bytes]:
    """WARN: «red means gone»: colour and comments carry a meaning."""
    made = book([titles("M04"), *consents()], passport("M04", number))
    sheet = made["Данные"]
    for cell in sheet[3]:
        cell.fill = _RED
    sheet["B4"].comment = Comment("выбыл", "Петрова")
    return NAME, saved(made)


def d38(number: int) -> tuple[str, bytes]:
    """AUTO: the whole name in one column."""
    head = titles("M03")
    place = head.index("Фамилия")
    cells = [[*head[:place], "ФИО", *head[place + 3 :]]]
    for row in navigators(_territory(number)):
        name = " ".join(part for part in row[place : place + 3] if part)
        cells.append([*row[:place], name, *row[place + 3 :]])
    return NAME, saved(book(cells, passport("M03", number)))


def _territory(number: int) -> str:
    from ingest.reference import load_reference

    return load_reference().territory(number).name
