"""Good files of a small office, from which every fixture of a defect is made.

Each fixture is one fault away from these rows; titles come from the forms themselves.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ingest.forms import load_forms

Cells = list[list[Any]]
PERIOD = "2024-09"
SCHOOLS = ("МБОУ СОШ № 1", "МБОУ СОШ № 2", "МАОУ «Гимназия № 3»")


def titles(code: str) -> list[str]:
    return [column.title for column in load_forms()[code].latest.columns]


def meetings() -> Cells:
    """M08: meetings of parents, one row a school and day."""
    return [
        [school, date(2024, 9, day), f"Выбор профессии, встреча {n}", "очно", 20 + n, "7А, 8Б",
         f"https://example.org/{n}"]
        for n, (school, day) in enumerate(zip(SCHOOLS * 2, (3, 5, 10, 12, 17, 19), strict=True), 1)
    ]  # fmt: skip


def navigators(territory: str) -> Cells:
    """M03: the list of navigators."""
    people = (("Орлова", "Мария", "Сергеевна"), ("Белов", "Пётр", "Ильич"), ("Ким", "Анна", ""))
    return [
        [n, "Московская область", territory, SCHOOLS[n - 1], "5001000002", *names, "учитель",
         f"navigator{n}@example.org", "", "нет", 2024, 40, ""]
        for n, names in enumerate(people, 1)
    ]  # fmt: skip


def consents() -> Cells:
    """M04: the register of originals."""
    pupils = (
        ("Соколов Артём Павлович", date(2012, 3, 10), "6А", "Соколов Павел Ильич"),
        ("Зайцева Дарья Олеговна", date(2011, 7, 2), "7Б", "Зайцева Инна Львовна"),
        ("Громов Илья Антонович", date(2011, 11, 30), "7А", "Громов Антон Юрьевич"),
    )
    return [
        ["законный представитель", name, born, f"90000{n}", SCHOOLS[0], grade, parent, "родитель",
         date(2024, 9, 10), "да", date(2024, 9, 12), f"папка {n}", None]
        for n, (name, born, grade, parent) in enumerate(pupils, 1)
    ]  # fmt: skip


def events(territory: str) -> Cells:
    """Values of P04 that matter, the rest empty: filled by title in `platform`."""
    return [[territory]]


def passport(code: str, territory: int, **extra: Any) -> Cells:
    face = {
        "Код формы": code,
        "Версия формы": 1,
        "Код территории": f"T{territory:02d}",
        "Отчётный период": PERIOD,
    }
    return [[label, value] for label, value in (face | extra).items() if value is not None]


def fill(sheet: Worksheet, cells: Sequence[Sequence[Any]], start: int = 1) -> None:
    for r, row in enumerate(cells, start):
        for c, value in enumerate(row, 1):
            if value is not None:
                cell = sheet.cell(r, c, value)
                if isinstance(value, datetime):
                    cell.number_format = "dd.mm.yyyy hh:mm"
                elif isinstance(value, date):
                    cell.number_format = "dd.mm.yyyy"


def book(cells: Cells, face: Cells, name: str = "Данные") -> Workbook:
    """A workbook with the passport and one sheet of data."""
    made = openpyxl.Workbook()
    first = made.active
    first.title = "Паспорт"
    fill(first, face)
    fill(made.create_sheet(name), cells)
    return made


def saved(made: Workbook) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


Change = Callable[[Worksheet], None]
