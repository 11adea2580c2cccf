"""Cells become clean text: nothing is typed yet, nothing is lost, nothing invisible stays."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from ingest.cells import text_column, text_of
from ingest.forms import DEFAULT_NULL_TOKENS, ColumnType
from ingest.rows import null_tokens
from ingest.text import clean, fold, unmix_alphabets

from .conftest import Reader
from .files import BOOKS, data_sheet, table, version_of, xlsx

P05 = [column.name for column in version_of("P05").columns]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7.0, "7"),
        (-7.0, "-7"),
        (500100732259.0, "500100732259"),
        (7.5, "7.5"),
        (1e20, "1e+20"),
        (0.0, "0"),
        (True, "да"),
        (False, "нет"),
        ("007", "007"),
        ("", None),
        (None, None),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime.fromisoformat("2024-09-30"), "2024-09-30 00:00:00"),
        (datetime.fromisoformat("2024-09-30T23:59:01.000500"), "2024-09-30 23:59:01"),
        (time(9, 30), "09:30:00"),
        (timedelta(hours=1, minutes=5), "1:05:00"),
    ],
)
def test_one_cell_as_text(value: Any, text: str | None) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\u00a0Иванов\u00a0", "Иванов"),
        ("Ива\u00adнов", "Иванов"),
        ("Иванов\u200b", "Иванов"),
        ("\ufeffИванов", "Иванов"),
        ("\u202aИванов\u202c", "Иванов"),
        ("Иванов\u200e", "Иванов"),
        ("Иванов \t\r\n Пётр", "Иванов Пётр"),
        ("1\u202f234", "1 234"),
        ("Сергеи\u0306", "Сергей"),
        ("Пе\u0308тр", "Пётр"),
        ("   ", None),
        ("\u200b", None),
    ],
)
def test_invisible_marks_go(raw: str, text: str | None) -> None:
    column = text_column([raw, "ровно"], frozenset())
    assert column.to_pylist() == [text, "ровно"]
    assert clean(raw) == (text or "")


def test_null_tokens_are_whole_cells_only() -> None:
    column = version_of("P05").column("participation_id")
    tokens = null_tokens(column)
    for token in DEFAULT_NULL_TOKENS:
        assert (
            text_column([token, token.upper(), f" {token}\u00a0"], tokens).to_pylist() == [None] * 3
        )
    assert text_column(["-5", "NA-7", "none-1"], tokens).to_pylist() == ["-5", "NA-7", "none-1"]


def test_words_of_a_column_are_never_its_null_tokens() -> None:
    for code in ("P03", "P04", "M04"):
        for column in version_of(code).columns:
            if column.type is ColumnType.BOOL:
                # «-» in a yes/no column is an answer, however it is typed.
                assert not null_tokens(column) & {"-", "–", "—"}
                assert "н/д" in null_tokens(column)


@pytest.mark.parametrize(
    ("mixed", "plain"),
    [
        ("Cтатус", "Статус"),
        ("Хaчатурян", "Хачатурян"),
        ("ID ОО", "ID ОО"),
        ("Ivanов", "Ivanов"),  # «I», «v», «n» have no Cyrillic twins: left for a human
        ("e-mail", "e-mail"),
    ],
)
def test_look_alikes_change_only_whole_mixed_words(mixed: str, plain: str) -> None:
    assert unmix_alphabets(mixed) == plain


def test_fold_makes_spellings_equal() -> None:
    spellings = ["Тёплый — Стан", "тёплый - стан", "ТЕПЛЫЙ\u00a0‑ СТАН.", "«Теплый – Стан»:"]
    assert {fold(text) for text in spellings} == {"теплый - стан"}


def _p05(**values: Any) -> list[list[Any]]:
    cells = table("P05", 1)
    for name, value in values.items():
        cells[1][P05.index(name)] = value
    return cells


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12345678901234.0, "12345678901234"),
        ("0012345", "0012345"),
        (45566, "45566"),
        (45566.75, "45566.75"),
        (datetime.fromisoformat("2024-09-30T23:59:59"), "2024-09-30 23:59:59"),
        (datetime.fromisoformat("2024-09-30"), "2024-09-30"),
        (date(1900, 1, 1), "1900-01-01"),
        ("30.09.2024", "30.09.2024"),
        ("нет данных", None),
        ("NA", "NA"),
        ("#Н/Д", None),
        ("Нет", "Нет"),
    ],
)
@pytest.mark.parametrize("writer", ["xlsx", "xls"])
def test_cells_of_books(read: Reader, writer: str, value: Any, text: str | None) -> None:
    outcome = read(BOOKS[writer]([data_sheet(_p05(participation_id=value))]))
    assert outcome.rows[0]["participation_id"] == text


def test_every_minute_of_a_day_survives_excel(read: Reader) -> None:
    start = datetime.fromisoformat("2024-09-30T00:01")
    moments = [start + timedelta(minutes=7 * n, seconds=n % 60) for n in range(200)]
    cells = _p05()
    row = cells.pop()
    at = P05.index("enrolled_at")
    cells += [[*row[:at], moment, *row[at + 1 :]] for moment in moments]
    outcome = read(xlsx([data_sheet(cells)]))
    assert [r["enrolled_at"] for r in outcome.rows] == [f"{m:%Y-%m-%d %H:%M:%S}" for m in moments]


def test_cells_are_cleaned_on_the_way(read: Reader) -> None:
    cells = _p05(status="\u00a0участвовал\u200b ", school_id_at_event="\tОО-1\n2")
    row = read(xlsx([data_sheet(cells)])).rows[0]
    assert (row["status"], row["school_id_at_event"]) == ("участвовал", "ОО-1 2")
