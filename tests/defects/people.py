"""D-39 … D-46 and D-52 … D-60: who is meant, whose file it is and for when."""

from __future__ import annotations

from datetime import date

from ingest.reference import load_reference
from tests.defects.base import Cells, book, consents, meetings, navigators, passport, saved, titles

NAME, SECOND = "Отчёт.xlsx", "Отчёт 2.xlsx"


def _m04(number: int, rows: Cells) -> bytes:
    return saved(book([titles("M04"), *rows], passport("M04", number)))


def _m03(number: int, rows: Cells) -> bytes:
    return saved(book([titles("M03"), *rows], passport("M03", number)))


def _named(number: int, *names: str) -> bytes:
    rows = consents()
    for row, name in zip(rows, names, strict=False):
        row[1] = name
    return _m04(number, rows)


def _home(number: int) -> str:
    return load_reference().territory(number).name


def d38b(number: int) -> tuple[str, bytes]:
    """ERROR: initials instead of names."""
    return SECOND, _named(number, "Соколов А. П.")


def d39(number: int) -> tuple[str, bytes]:
    """AUTO: оглы, a double surname, no patronymic."""
    return NAME, _named(
        number, "Мамедов Али Гасан оглы", "Римская-Корсакова Дарья Олеговна", "Ким Илья"
    )


def d40(number: int) -> tuple[str, bytes]:
    """AUTO: Latin letters inside Russian words."""
    rows = navigators(_home(number).replace("о", "o").replace("а", "a"))
    return NAME, _m03(number, rows)


def d40b(number: int) -> tuple[str, bytes]:
    """WARN: a name in Latin letters altogether."""
    return SECOND, _named(number, "Sokolov Artem Pavlovich")


def d41(number: int) -> tuple[str, bytes]:
    """QUAR: the same child once in capitals and without ё."""
    rows = consents()
    again = list(rows[0])
    again[1] = "СОКОЛОВ АРТЕМ ПАВЛОВИЧ"
    return NAME, _m04(number, [*rows, again])


def d42(number: int) -> tuple[str, bytes]:
    """QUAR: the same child twice."""
    rows = consents()
    return NAME, _m04(number, [*rows, list(rows[0])])


def d43(number: int) -> tuple[str, bytes]:
    """AUTO: twins share the surname and the day."""
    rows = consents()
    twin = list(rows[0])
    twin[1], twin[3], twin[11] = "Соколов Пётр Павлович", "900004", "папка 4"
    return NAME, _m04(number, [*rows, twin])


def d43c(number: int) -> tuple[str, bytes]:
    """ERROR: one ID at two people; who of them owns it nobody knows here."""
    rows = consents()
    rows[2][3] = rows[0][3]
    return "Отчёт 3.xlsx", _m04(number, rows)


def d46(number: int) -> tuple[str, bytes]:
    """QUAR: a test account among people."""
    return NAME, _named(number, "Тест Тестов Тестович")


def d52(number: int) -> tuple[str, bytes]:
    """AUTO: another spelling of the territory."""
    face = passport(
        "M04",
        number,
        **{"Код территории": None, "Территория": f"Администрация г.о. {_short(number)}"},
    )
    return NAME, saved(book([titles("M04"), *consents()], face))


def _short(number: int) -> str:
    return _home(number).replace("городской округ", "").strip()


def d52b(number: int) -> tuple[str, bytes]:
    """MAP: a misprint that nobody guesses."""
    rows = navigators(_home(number)[:-2] + "ыш")
    return SECOND, _m03(number, rows)


def d53(number: int) -> tuple[str, bytes]:
    """AUTO: the town instead of the okrug that it belongs to."""
    return NAME, _m03(number, navigators("г. Ногинск"))


def d53b(number: int) -> tuple[str, bytes]:
    """MAP: a town whose name is not in the list of names yet."""
    return SECOND, _m03(number, navigators("г. Новый Городок"))


def d54(number: int) -> tuple[str, bytes]:
    """MAP: a school whose name is near a territory's."""
    return NAME, _m03(number, navigators("Королёвский лицей № 19"))


def d56(number: int) -> tuple[str, bytes]:
    """QUAR: rows of another territory."""
    rows = navigators(_home(number))
    rows[1][2] = "Балашиха"
    return NAME, _m03(number, rows)


def d59(number: int) -> tuple[str, bytes]:
    """WARN: the name says another month than the passport."""
    data = saved(book([titles("M08"), *meetings()], passport("M08", number)))
    return f"M08_parents_meetings__T{number:02d}__2024-08__v1.xlsx", data


def d59b(number: int) -> tuple[str, bytes]:
    """WARN: days of another month inside."""
    rows = meetings()
    rows[0][1] = date(2024, 8, 29)
    return SECOND, saved(book([titles("M08"), *rows], passport("M08", number)))
