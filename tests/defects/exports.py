"""Defects of the platform's exports: persons, classes, load, times; judged beside other exports."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ingest.forms import load_forms
from tests.defects.base import book, meetings, passport, saved, titles

AS_OF = "2024-09-30"
_BASE = Path(__file__).parents[1] / "expectations" / "examples" / "_base.yml"
Row = dict[str, Any]
Sent = tuple[str, bytes]


@cache
def _base() -> dict[str, Row]:
    rows: dict[str, Row] = yaml.safe_load(_BASE.read_text(encoding="utf-8"))["rows"]
    return {code: {k: v for k, v in row.items() if k[0] != "_"} for code, row in rows.items()}


def letters(number: int) -> str:
    """а, б, … я, аа: names are compared without digits."""
    return chr(0x42F + (number % 32 or 32)) * (1 + (number - 1) // 32)


def _export(code: str, *changes: Row) -> Sent:
    """An export with one row a change; `#` in a value is the row's letter."""
    form = load_forms()[code]
    rows = []
    for number, change in enumerate(changes or ({},), 1):
        row = _base()[code] | change
        texts = {
            k: v.replace("#", letters(number)) if isinstance(v, str) else v for k, v in row.items()
        }
        rows.append([texts.get(column.name) for column in form.latest.columns])
    name = f"{code}_{form.entity}__{AS_OF}__v1.xlsx"
    return name, saved(book([titles(code), *rows], []))


def _pupils(*changes: Row) -> tuple[str, bytes, tuple[Sent, ...]]:
    """Pupils of one school and one navigator."""
    here = {"school_id": "Ш-а", "navigator_id": "Н-а"}
    name, data = _export("P03", *(here | change for change in changes))
    return name, data, (_export("P01"), _export("P02", {"school_id": "Ш-а"}))


def d27b(number: int) -> tuple[str, bytes, tuple[Sent, ...]]:
    """AUTO: published at 20:59 UTC, which is 23:59 of the last day in Moscow."""
    change = {"event_on": "13.09.2024", "published_at": "2024-09-18T20:59:00Z"}
    return *_export("P04", change), ()


def d42b(number: int) -> tuple[str, bytes, tuple[Sent, ...]]:
    """ERROR: one child with two accounts."""
    return _pupils({"last_name": "Иванов"}, {"last_name": "Иванов"})


def d42c(number: int) -> tuple[str, bytes, tuple[Sent, ...]]:
    """QUAR: one ID at two children: not the same child twice."""
    return _pupils({"pupil_id": "О-1"}, {}, {"pupil_id": "О-1"})


def d43b(number: int) -> tuple[str, bytes, tuple[Sent, ...]]:
    """AUTO: twins on the platform are two people."""
    return _pupils({"last_name": "Иванов"}, {"last_name": "Иванов", "first_name": "Павел"})


def d44(number: int) -> tuple[str, bytes, tuple[Sent, ...]]:
    """MAP: a surname written in another way: perhaps the same child."""
    return _pupils({"last_name": "Натальин"}, {"last_name": "Наталин"})


def d45(number: int) -> tuple[str, bytes, tuple[Sent, ...]]:
    """MAP: a birthday that differs in one digit: perhaps the same child."""
    day = {"last_name": "Иванов", "birth_date": "10.03.2010"}
    return _pupils(day, day | {"birth_date": "11.03.2010"})


def d46b(number: int) -> tuple[str, bytes, tuple[Sent, ...]]:
    """QUAR: an adult and a test account in the list of pupils."""
    return _pupils({}, {}, {}, {"birth_date": "10.03.1980"}, {"last_name": "Тест"})


def d48(number: int) -> tuple[str, bytes, tuple[Sent, ...]]:
    """ERROR: new in 2024, by his first year of 2023."""
    return _pupils({}, {"cohort_year": "2023", "status": "новый"})


def d49(number: int) -> tuple[str, bytes, tuple[Sent, ...]]:
    """WARN: a pupil who moved, nobody says where to."""
    return _pupils({}, {"status": "переведён"})


def d50(number: int) -> tuple[str, bytes, tuple[Sent, ...]]:
    """ERROR: a child of 12 without a consent of its parent on the day when it is due."""
    return _pupils(
        {}, {"birth_date": "10.03.2012", "consent_status": "не прикреплено", "grade": "6А"}
    )


def d51(number: int) -> tuple[str, bytes, tuple[Sent, ...]]:
    """ERROR: a navigator with 71 pupils."""
    here = {"school_id": "Ш-а", "navigator_id": "Н-а"}
    pupils = _export(
        "P03",
        *(here | {"last_name": f"Иванов{letters(n)}"} for n in range(1, 72)),
    )
    name, data = _export("P02", {"school_id": "Ш-а"})
    return name, data, (pupils, _export("P01"))


def d55(number: int) -> tuple[str, bytes, tuple[Sent, ...]]:
    """MAP: names of schools that neither the platform nor the territory's list knows."""
    cells = [["ОО", "Количество мероприятий", "Участников 6-11 классов", "Дата с", "Дата по"]]
    cells += [[row[0], 2, 30, "16.09.2024", "21.09.2024"] for row in meetings()[:1]]
    cells += [[school, 2, 30, "16.09.2024", "21.09.2024"] for school in ("СОШ 1", "Школа Гагарина")]
    data = saved(book(cells, passport("M05", number)))
    schools = [["17", "03.05.2024", "приказ.pdf", meetings()[0][0], "7707083893"]]
    listed = saved(book([titles("M02")[:5], *schools], passport("M02", number)))
    return "Неделя.xlsx", data, (("Перечень.xlsx", listed), _export("P01"))
