"""D-22 … D-37 and D-47: what stands in a cell, against what was meant."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from openpyxl.utils.datetime import CALENDAR_MAC_1904

from ingest.reference import load_reference
from tests.defects.base import Cells, book, consents, meetings, navigators, passport, saved, titles

NAME, SECOND = "Отчёт.xlsx", "Отчёт 2.xlsx"
SCHOOL, DAY, TOPIC, FORM, COUNT, GRADES, LINK = range(7)


def _m08(number: int, *changes: tuple[int, int, Any]) -> Any:
    """The report with some cells changed: (row from 1, column, value)."""
    rows: Cells = meetings()
    for row, column, value in changes:
        rows[row - 1][column] = value
    return book([titles("M08"), *rows], passport("M08", number))


def d22(number: int) -> tuple[str, bytes]:
    """AUTO: a plain sum that no program computed."""
    made = _m08(number, (1, COUNT, "=SUM(I2:J2)"))
    made["Данные"]["I2"], made["Данные"]["J2"] = 11, 10
    return NAME, saved(made)


def d22b(number: int) -> tuple[str, bytes]:
    """REJ: any other formula without its value."""
    return SECOND, saved(_m08(number, (1, COUNT, "=VLOOKUP(A2,K:L,2,0)")))


def d23(number: int) -> tuple[str, bytes]:
    """ERROR: errors of Excel in a number and in a text."""
    return NAME, saved(_m08(number, (1, COUNT, "#DIV/0!"), (3, GRADES, "#N/A")))


def d24(number: int) -> tuple[str, bytes]:
    """AUTO: dates as text in six spellings, the day first."""
    days = (
        "3.9.24",
        "05/09/2024",
        "10 сентября 2024 г.",
        "2024-09-12",
        "17.09.2024 г.",
        "19-09-2024",
    )
    return NAME, saved(_m08(number, *((n, DAY, day) for n, day in enumerate(days, 1))))


def d24b(number: int) -> tuple[str, bytes]:
    """QUAR: «сент.24» is a month, not a day."""
    return SECOND, saved(_m08(number, (1, DAY, "сент.24")))


def d25(number: int) -> tuple[str, bytes]:
    """AUTO: dates as numbers of days."""
    return NAME, saved(_m08(number, (1, DAY, 45538), (2, DAY, "45540")))


def d25b(number: int) -> tuple[str, bytes]:
    """AUTO: a book that counts days from 1904."""
    made = _m08(number)
    made.epoch = CALENDAR_MAC_1904
    return SECOND, saved(made)


def d26(number: int) -> tuple[str, bytes]:
    """QUAR: days that do not exist and placeholders."""
    days = ("30.02.2024", "00.00.0000", "12.09.2204")
    return NAME, saved(_m08(number, *((n, DAY, day) for n, day in enumerate(days, 1))))


def d27(number: int) -> tuple[str, bytes]:
    """AUTO: a date that came with a time."""
    changes = ((1, DAY, datetime.fromisoformat("2024-09-03T23:59")), (2, DAY, "05.09.2024 10:00"))
    return NAME, saved(_m08(number, *changes))


def d28(number: int) -> tuple[str, bytes]:
    """AUTO: numbers as text with spaces, commas and units."""
    rows = navigators(load_reference().territory(number).name)
    for row, text in zip(rows, ("1\u00a0040", "1\u2009020 чел.", " 40,0 "), strict=True):
        row[13] = text
    return NAME, saved(book([titles("M03"), *rows], passport("M03", number)))


def d28b(number: int) -> tuple[str, bytes]:
    """ERROR: about fifty, from 25 to 30."""
    return SECOND, saved(_m08(number, (1, COUNT, "~50"), (2, COUNT, "25-30")))


def d29(number: int) -> tuple[str, bytes]:
    """WARN: an INN that lost its leading zero."""
    head = titles("M07")
    row = [
        "ООО «Завод»",
        501000001,
        "17",
        date(2024, 9, 2),
        "бессрочно",
        "да",
        "экскурсии",
        "да",
        "3",
    ]
    return NAME, saved(book([head, row], passport("M07", number)))


def d29b(number: int) -> tuple[str, bytes]:
    """QUAR: an INN in scientific notation cannot be restored."""
    head = titles("M07")
    rows = [
        ["ООО «Завод»", inn, f"{n}", date(2024, 9, 2), "", "да", "экскурсии", "да", "3"]
        for n, inn in enumerate(("5,01E+11", "7707083893"), 1)
    ]
    return SECOND, saved(book([head, *rows], passport("M07", number)))


def d30(number: int) -> tuple[str, bytes]:
    """AUTO: «-», «н/д», «б/н» mean nothing."""
    return NAME, saved(_m08(number, (1, LINK, "-"), (2, LINK, "н/д"), (3, GRADES, "б/н")))


def d31(number: int) -> tuple[str, bytes]:
    """AUTO: yes in all its spellings."""
    rows = consents()
    for row, word in zip(rows, ("+", "имеется", "V"), strict=True):
        row[9] = word
    return NAME, saved(book([titles("M04"), *rows], passport("M04", number)))


def d31b(number: int) -> tuple[str, bytes]:
    """ERROR: a word that is neither yes nor no."""
    rows = consents()
    rows[0][9] = "скоро будет"
    return SECOND, saved(book([titles("M04"), *rows], passport("M04", number)))


def d32(number: int) -> tuple[str, bytes]:
    """ERROR: two children in one cell."""
    rows = consents()
    rows[0][1] = "Соколов Артём Павлович, Соколова Анна Павловна"
    return NAME, saved(book([titles("M04"), *rows], passport("M04", number)))


def d33(number: int) -> tuple[str, bytes]:
    """AUTO: line breaks, hard and zero-width spaces, soft hyphens."""
    return NAME, saved(
        _m08(number, (1, SCHOOL, "МБОУ\n СОШ\u00a0№ 1\u200b "), (2, FORM, "оч\u00adно"))
    )


def d34(number: int) -> tuple[str, bytes]:
    """AUTO: dashes and quotes of all kinds."""
    made = book([titles("M09"), [date(2024, 9, 3), "„Вести“", "соцсеть", "фото", "Ярмарка — 2024",
                                 "https://example.org/1"]], passport("M09", number))  # fmt: skip
    return NAME, saved(made)


def d36(number: int) -> tuple[str, bytes]:
    """ERROR: words in a column of numbers."""
    return NAME, saved(_m08(number, (1, COUNT, "по списку"), (2, COUNT, "см. вкладку 2")))


def d37(number: int) -> tuple[str, bytes]:
    """AUTO: a text that would be a formula in our own files stays a text."""
    made = _m08(number)
    cell = made["Данные"]["C2"]
    cell.value, cell.data_type = "=cmd|' /C calc'!A0", "s"
    return NAME, saved(made)


def d47(number: int) -> tuple[str, bytes]:
    """AUTO: classes in many spellings."""
    rows = consents()
    for row, grade in zip(rows, ("6 «А»", "VII б", "7 корр."), strict=True):
        row[5] = grade
    return NAME, saved(book([titles("M04"), *rows], passport("M04", number)))


def d47b(number: int) -> tuple[str, bytes]:
    """WARN: Excel turned «6-2» into the second of June."""
    rows = consents()
    rows[0][5] = date(2024, 2, 6)
    return SECOND, saved(book([titles("M04"), *rows], passport("M04", number)))
